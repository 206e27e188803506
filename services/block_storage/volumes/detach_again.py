"""Detach a volume that is stuck in detaching."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import volumes
from portal.ui.commands import Command
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Outcome, Refusal, Step, Wait
from services.block_storage.volumes import storage, stuck
from services.block_storage.volumes.detach_volume import DetachVolume
from services.block_storage.volumes.one_attachment import OneAttachment, Params
from services.openstack.actions import Run


class DetachAgain(OneAttachment):
    """Takes a volume back from a detaching that does not end, and detaches it anew."""

    name = "detach-again"
    label = gettext_lazy("Detach again")
    icon = "unplug"
    asked = gettext_lazy("Detach %(volume)s again from %(server)s")
    done = gettext_lazy("Detached %(volume)s from %(server)s, where it was stuck")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return Step("back", _("Take it back from detaching"), _("It is in use again")), *DetachVolume().steps(
            params, names
        )

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        volume = storage.volume_of(tenant, params.volume_id)
        if volume is None:
            yield storage.no_volume()
            return
        yield from stuck.not_stuck(volume, "detaching")
        yield from DetachVolume().check(tenant, params)

    def step(self, run: Run, params: Params) -> Outcome:
        if run.done("back"):
            return DetachVolume().step(run, params)
        run.at("back")
        volume = volumes.get(run.cloud, params.volume_id)
        run.saw(volume)
        if volume.status == "detaching":
            roll = partial(volumes.roll_detaching, run.cloud, params.volume_id)
            if wait := storage.send_once(run, "rolled", params.volume_id, roll):
                return wait
        run.leave()  # whoever sent it, or it ended by itself: nobody has to wait for us
        run.note_done("back")
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return DetachVolume().commands(params, names)

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return DetachVolume().undo(operation, params)
