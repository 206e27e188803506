"""Set a volume free that is stuck in attaching."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import volumes
from portal.ui.commands import Command
from projects.actions import outcome_unknown
from projects.models import Operation, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Wait
from services.block_storage.models import Volume
from services.block_storage.volumes import storage, stuck
from services.block_storage.volumes.one_volume import OneVolume, Params
from services.openstack.actions import Run

# The cloud took it on, and the volume is still attaching: after so many seconds it has given up.
GIVES_UP = 5.0


class ReleaseVolume(OneVolume[Params]):
    """Takes a volume that no server is attaching any more back to what it was before."""

    name = "release-volume"
    params = Params
    label = gettext_lazy("Set free")
    icon = "unplug"
    asked = gettext_lazy("Set %(volume)s free")
    done = gettext_lazy("Set %(volume)s free, which was stuck in attaching")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("release", _("Take it back from attaching"), _("Asked for it")),
            Step("see", _("See it free"), _("It is free"), _("Done when the cloud reports it as available")),
        )

    def refusals(self, tenant: Tenant, volume: Volume, params: Params) -> Iterable[Refusal]:
        return stuck.not_stuck(volume, "attaching")

    def step(self, run: Run, params: Params) -> Outcome:
        volume = volumes.get(run.cloud, params.volume_id)
        run.saw(volume)
        if volume.status != "attaching":
            run.leave()
            run.at("see")
            return Done(_("The cloud says: %(state)s") % {"state": volume.status})
        run.at("release")
        if run.done("asked"):
            # What is attaching now may be somebody's next try, and is left alone.
            if run.age("asked") < GIVES_UP:
                return Wait()
            return Failed(_("%(place)s took it on and did not set the volume free.") % {"place": run.place})
        release = partial(volumes.unreserve, run.cloud, params.volume_id)
        if wait := storage.send_once(run, "release", params.volume_id, release):
            return wait
        run.note_done("asked")
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return ()  # the command line has none for it that a member may use

    def stands(self, operation: Operation, params: Params) -> str:
        if outcome_unknown.asked(operation, "release"):
            return _("It may still be set free: its page shows its state.")
        return _("The volume is as it was.")
