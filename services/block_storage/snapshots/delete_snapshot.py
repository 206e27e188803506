"""Delete a snapshot of a volume."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import snapshots
from portal.ui.commands import Command
from projects.actions import outcome_unknown
from projects.models import Operation, Tenant
from projects.outcomes import Ends, Lot, Outcome, Refusal, Step, Thing, name_of
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots.one_snapshot import OneSnapshot, Params
from services.block_storage.volumes import deleting, saying, storage
from services.openstack.actions import Run


class DeleteSnapshot(OneSnapshot[Params]):
    """Ends a snapshot. Its volume, and volumes made from it, stay."""

    name = "delete-snapshot"
    params = Params
    label = gettext_lazy("Delete snapshot")
    icon = "trash-2"
    asked = gettext_lazy("Delete snapshot %(snapshot)s")
    done = gettext_lazy("Deleted snapshot %(snapshot)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("delete", _("Delete the snapshot"), _("Asked for it")),
            Step("see", _("See it gone"), _("It is gone"), _("Done when the cloud does not know it any more")),
        )

    def ends_of(self, thing: Snapshot, params: Params) -> Ends:
        rows = Volume.objects.filter(tenant=thing.tenant)
        volume = rows.filter(external_id=thing.volume_id).first()
        kept = [Lot(str(volume), _("The volume that it is of"))] if volume else []
        kept += [Lot(str(one), _("Made from it")) for one in rows.filter(snapshot_id=thing.external_id)]
        return Ends([Lot(str(thing), ", ".join(filter(None, [saying.size_of(thing), saying.made(thing)])))], kept)

    def refusals(self, tenant: Tenant, snapshot: Snapshot, params: Params) -> Iterable[Refusal]:
        return deletable(snapshot)

    def step(self, run: Run, params: Params) -> Outcome:
        return deleting.step(
            run,
            Thing(Snapshot, params.snapshot_id),
            look=lambda: snapshots.get(run.cloud, params.snapshot_id),
            delete=lambda: snapshots.delete(run.cloud, params.snapshot_id),
            states=storage.DELETABLE_SNAPSHOT,
        )

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("volume snapshot delete", things=[name_of(names, params.snapshot_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        if outcome_unknown.asked(operation, "delete"):
            return _("The cloud may delete it all the same.")
        return _("The snapshot is kept.")


def deletable(snapshot: Snapshot) -> Iterable[Refusal]:
    """Say why this snapshot can't be deleted now."""
    if snapshot.status not in storage.DELETABLE_SNAPSHOT:
        words = {"snapshot": str(snapshot), "state": snapshot.status}
        said = _("%(snapshot)s is in the state “%(state)s”, in which it can't be deleted.") % words
        if snapshot.status == "error_deleting":
            said = f"{said} {storage.whom_to_ask(snapshot.tenant)}"
        yield Refusal("snapshot_id", said)
