"""Delete a volume."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import volumes
from portal.ui.commands import Command
from portal.ui.forms import Way
from projects.actions import outcome_unknown
from projects.models import Operation, Tenant
from projects.outcomes import Ends, Lot, Outcome, Refusal, Step, Thing, name_of
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import deleting, saying, storage
from services.block_storage.volumes.one_volume import OneVolume, Params
from services.openstack.actions import Run

# So many snapshots are named that stand in the way; the others are counted.
NAMED = 3


class DeleteVolume(OneVolume[Params]):
    """Ends a volume and all that is on it. There is no way back."""

    name = "delete-volume"
    params = Params
    label = gettext_lazy("Delete volume")
    icon = "trash-2"
    asked = gettext_lazy("Delete volume %(volume)s")
    done = gettext_lazy("Deleted volume %(volume)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("delete", _("Delete the volume"), _("Asked for it")),
            Step("see", _("See it gone"), _("It is gone"), _("Done when the cloud does not know it any more")),
        )

    def ends_of(self, thing: Volume, params: Params) -> Ends:
        said = [saying.size_of(thing), thing.volume_type, saying.made(thing)]
        return Ends([Lot(str(thing), ", ".join(filter(None, said)))])

    def refusals(self, tenant: Tenant, volume: Volume, params: Params) -> Iterable[Refusal]:
        return deletable(volume)

    def step(self, run: Run, params: Params) -> Outcome:
        return deleting.step(
            run,
            Thing(Volume, params.volume_id),
            look=lambda: volumes.get(run.cloud, params.volume_id),
            delete=lambda: volumes.delete(run.cloud, params.volume_id),
            states=storage.DELETABLE_VOLUME,
        )

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("volume delete", things=[name_of(names, params.volume_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        if outcome_unknown.asked(operation, "delete"):
            return _("The cloud may delete it all the same.")
        return _("The volume is kept.")


def deletable(volume: Volume) -> Iterable[Refusal]:
    """Say why this volume can't be deleted now: attached, with snapshots, or in a state that only the operator ends."""
    words = {"volume": str(volume), "state": volume.status}
    yield from storage.detach_first(volume)
    rows = Snapshot.objects.filter(tenant=volume.tenant, volume_id=volume.external_id).order_by("name", "external_id")
    if snapshots := [str(row) for row in rows]:
        said = _("%(volume)s has %(snapshots)s, which would have to be deleted before it.")
        named = ", ".join(snapshots[:NAMED])
        if len(snapshots) > NAMED:
            named = _("%(named)s and %(n)d more snapshots") % {"named": named, "n": len(snapshots) - NAMED}
        else:
            named = (
                _("the snapshots %(named)s") % {"named": named}
                if len(snapshots) > 1
                else _("the snapshot %(named)s") % {"named": named}
            )
        url = f"{SNAPSHOTS.url(volume.tenant.handle)}?{urlencode({'q': volume.external_id})}"
        way = Way(_("See its snapshots"), url=url)
        yield Refusal("volume_id", said % {**words, "snapshots": named}, [way])
    if not volume.attachments and volume.status not in storage.DELETABLE_VOLUME:
        said = _("%(volume)s is in the state “%(state)s”, in which it can't be deleted.") % words
        if volume.status == "error_deleting":
            said = f"{said} {storage.whom_to_ask(volume.tenant)}"
        yield Refusal("volume_id", said)
