"""Put a volume back to its latest snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import snapshots, volumes
from portal.ui.commands import Command
from portal.ui.forms import Way
from projects.actions import outcome_unknown
from projects.models import Operation, Tenant
from projects.outcomes import Done, Ends, Failed, Lot, Outcome, Refusal, Step, Thing, Wait, name_of
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes import one_volume, saying, storage
from services.block_storage.volumes.one_volume import OneVolume
from services.openstack.actions import Run


class Params(one_volume.Params):
    """Which volume goes back to which snapshot, by their ids."""

    snapshot_id: str


class RevertVolume(OneVolume[Params]):
    """Makes a disk what it was when its latest snapshot was taken. What was written since is lost."""

    name = "revert-volume"
    params = Params
    label = gettext_lazy("Go back to the snapshot")
    icon = "undo-2"
    asked = gettext_lazy("Put %(volume)s back to %(snapshot)s")
    done = gettext_lazy("Put %(volume)s back to %(snapshot)s")

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "snapshot": name_of(names, params.snapshot_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return *super().things(params), Thing(Snapshot, params.snapshot_id)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return (
            Step("revert", _("Put it back to %(snapshot)s") % words, _("Asked for it")),
            Step("see", _("See it ready"), _("It is ready"), _("Done when the cloud reports it as available")),
        )

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        yield from super().check(tenant, params)
        if storage.snapshot_of(tenant, params.snapshot_id) is None:
            yield storage.no_snapshot()

    def ends_of(self, thing: Volume, params: Params) -> Ends:
        snapshot = storage.snapshot_of(thing.tenant, params.snapshot_id)
        if snapshot is None:
            return Ends()
        since = _("What was written to %(volume)s since %(snapshot)s was taken")
        lost = Lot(since % {"volume": thing, "snapshot": snapshot}, saying.made(snapshot))
        return Ends([lost], [Lot(str(snapshot), _("The snapshot itself"))])

    def refusals(self, tenant: Tenant, volume: Volume, params: Params) -> Iterable[Refusal]:
        snapshot = storage.snapshot_of(tenant, params.snapshot_id)
        return () if snapshot is None else revertable(volume, snapshot)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("revert")

        def touched() -> list[str]:
            """Return when both were changed: a rename touches one of them, only going back touches both."""
            return [
                volumes.updated_at(run.cloud, params.volume_id),
                snapshots.updated_at(run.cloud, params.snapshot_id),
            ]

        wait = run.send_once(
            "reverted",
            params.volume_id,
            record=touched,
            arrived=lambda was: all(now != then for now, then in zip(touched(), was, strict=True)),
            send=lambda: volumes.revert_to_snapshot(run.cloud, params.volume_id, params.snapshot_id),
        )
        if wait:
            return wait
        run.at("see")
        volume = volumes.get(run.cloud, params.volume_id)
        run.saw(volume)
        if volume.status.startswith("error"):
            said = _("%(place)s could not put the volume back, and left it in an error.") % {"place": run.place}
            return Failed(f"{said} {storage.whom_to_ask(run.tenant)}")
        if volume.status == "reverting":
            return Wait(note=_("The cloud says: %(state)s") % {"state": volume.status})
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        ahead = [("--os-volume-api-version", storage.said_version(volumes.REVERT))]
        return [Command("volume revert", things=[name_of(names, params.snapshot_id)], ahead=ahead)]

    def stands(self, operation: Operation, params: Params) -> str:
        if outcome_unknown.asked(operation, "reverted"):
            return _("It may still go back: what was written since the snapshot is lost then.")
        return _("Its data is as it was.")


def latest_of(volume: Volume) -> Snapshot | None:
    """Return the latest snapshot of a volume, the only one that it can go back to."""
    rows = Snapshot.objects.filter(tenant=volume.tenant, volume_id=volume.external_id)
    return max(rows, key=made_at, default=None)


def revertable(volume: Volume, snapshot: Snapshot) -> Iterable[Refusal]:
    """Say why this volume can't go back to this snapshot, each with the way to a new volume of it."""
    words = {
        "volume": str(volume),
        "snapshot": str(snapshot),
        "state": volume.status,
        "place": volume.tenant.location.name,
        "version": storage.said_version(volumes.REVERT),
        "size": volume.size_gb,
        "was": snapshot.size_gb,
    }
    anew = Way(_("Make a new volume of it"), url=new_volume_url(snapshot.tenant, snapshot))
    latest = latest_of(volume)
    if not storage.speaks(volume.tenant, volumes.REVERT):
        said = _(
            "%(place)s is too old to put a volume back in place: its block storage would have to know %(version)s."
        )
        yield Refusal("", said % words, [anew])
    elif snapshot.volume_id != volume.external_id:
        yield Refusal("snapshot_id", _("%(snapshot)s is of another volume.") % words, [anew])
    elif latest is not None and latest.external_id != snapshot.external_id:
        words["latest"] = str(latest)
        said = _("A volume goes back to its latest snapshot only, which is %(latest)s.")
        yield Refusal("snapshot_id", said % words, [anew])
    elif snapshot.size_gb != volume.size_gb:
        said = _("%(volume)s has grown from %(was)s to %(size)s GB since, and can't go back.")
        yield Refusal("snapshot_id", said % words, [anew])
    elif snapshot.status != "available":
        said = _("%(snapshot)s is in the state “%(snapped)s”. Wait until it is ready.")
        yield Refusal("snapshot_id", said % {**words, "snapped": snapshot.status})
    elif volume.attachments:
        yield from storage.detach_first(volume)
    elif volume.status != "available":
        said = _("%(volume)s is in the state “%(state)s”. Only a volume that is available can go back.")
        yield Refusal("volume_id", said % words)


def new_volume_url(tenant: Tenant, snapshot: Snapshot) -> str:
    """Return the address of the form of a new volume that begins with a snapshot."""
    url = reverse("create-volume", kwargs={"handle": tenant.handle})
    return f"{url}?{urlencode({'snapshot_id': snapshot.external_id})}"


def made_at(snapshot: Snapshot) -> tuple[datetime, str]:
    """Return what snapshots are sorted by, the latest last."""
    return snapshot.created_at or snapshot.first_seen_at, snapshot.external_id
