"""Take a snapshot of a volume."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import snapshots, volumes
from portal.ui.commands import Command, given
from projects.actions import outcome_unknown, quota
from projects.models import Operation, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Wait, name_of
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes import one_volume, storage
from services.block_storage.volumes.one_volume import OneVolume
from services.openstack.actions import Run
from services.openstack.words import Measure

STATES = ("available", "in-use")


class Params(one_volume.Params):
    """The snapshot's name and description, and the volume that it is of."""

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)


class CreateSnapshot(OneVolume[Params]):
    """Keeps a volume as it is now. Of one in use it keeps what has reached the disk by then."""

    name = "create-snapshot"
    params = Params
    label = gettext_lazy("Take snapshot")
    icon = "camera"
    asked = gettext_lazy("Take snapshot %(snapshot)s of %(volume)s")
    done = gettext_lazy("Took snapshot %(snapshot)s of %(volume)s")
    measures = (Measure.SNAPSHOTS,)

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "snapshot": params.name}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("create", _("Take the snapshot"), _("Asked for it")),
            Step("see", _("See it ready"), _("It is ready"), _("Done when the cloud reports it as available")),
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        volume = storage.volume_of(tenant, params.volume_id)
        takes: dict[str, int] = (
            {Measure.VOLUME_GB: volume.size_gb} if volume and storage.counts_snapshots(tenant) else {}
        )
        return {Measure.SNAPSHOTS: 1, **takes}

    def refusals(self, tenant: Tenant, volume: Volume, params: Params) -> Iterable[Refusal]:
        yield from snapshotable(volume)
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.SNAPSHOTS: "name"})

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("create")
        snapshot_id = run.create_once(
            "snapshot_id",
            find=lambda: [one.external_id for one in snapshots.find_marked(run.cloud, run.mark)],
            create=lambda: self._create(run, params),
        )
        if snapshot_id is None:
            return Wait(2, _("Looks whether the request has arrived."))
        snapshot = snapshots.get(run.cloud, snapshot_id)
        run.made(Snapshot, snapshot_id, snapshot.name)
        run.saw(snapshot)
        run.at("see")
        if snapshot.status == "error":
            return Failed(_("%(place)s could not take the snapshot. It is there, in an error.") % {"place": run.place})
        if snapshot.status != "available":
            return Wait(note=_("The cloud says: %(state)s") % {"state": snapshot.status})
        return Done()

    def _create(self, run: Run, params: Params) -> str:
        volume = volumes.get(run.cloud, params.volume_id)
        return snapshots.create(
            run.cloud, mark=run.mark, force=volume.status == "in-use", **params.model_dump(exclude_defaults=True)
        )

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        options = given(("--volume", name_of(names, params.volume_id)), ("--description", params.description))
        return [Command("volume snapshot create", [*options, "--force"], [params.name])]

    def stands(self, operation: Operation, params: Params) -> str:
        if "snapshot_id" in operation.memory:
            return _("The snapshot %(name)s was made and is kept.") % {"name": params.name}
        return outcome_unknown.not_made(operation, "snapshot_id", params.name)


def snapshotable(volume: Volume) -> Iterable[Refusal]:
    """Say why no snapshot of this volume can be taken now."""
    if volume.status not in STATES:
        said = _("%(volume)s is in the state “%(state)s”. Take a snapshot when it is available or in use.")
        yield Refusal("", said % {"volume": str(volume), "state": volume.status})
