"""What the actions on volumes and snapshots share."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from clouds.openstack import volumes
from clouds.openstack.services import Microversion
from portal.ui.forms import Way
from projects.kinds import page_of
from projects.models import Tenant
from projects.outcomes import Refusal, Wait
from projects.prepared import Prepared
from services.block_storage.models import Snapshot, Volume
from services.openstack.actions import Run
from services.openstack.locations import endpoints_of
from services.openstack.models import Zone
from services.openstack.words import Measure, Service

# What may be deleted as it is (cinder.volume.api: delete, delete_snapshot). Of what hangs in another state only an
# administrator of the cloud gets rid.
DELETABLE_VOLUME = ("available", "error", "error_restoring", "error_extending", "error_managing")
DELETABLE_SNAPSHOT = ("available", "error")


def volume_of(tenant: Tenant, volume_id: str) -> Volume | None:
    """Return the volume, as far as the inventory knows it."""
    volume = Volume.objects.filter(tenant=tenant, external_id=volume_id).first()
    if volume is not None:
        volume.tenant = tenant
    return volume


def snapshot_of(tenant: Tenant, snapshot_id: str) -> Snapshot | None:
    """Return the snapshot, as far as the inventory knows it."""
    snapshot = Snapshot.objects.filter(tenant=tenant, external_id=snapshot_id).first()
    if snapshot is not None:
        snapshot.tenant = tenant
    return snapshot


def no_volume(field: str = "volume_id") -> Refusal:
    """Refuse: there is no such volume."""
    return Refusal(field, _("There is no such volume here."))


def no_snapshot(field: str = "snapshot_id") -> Refusal:
    """Refuse: there is no such snapshot."""
    return Refusal(field, _("There is no such snapshot here."))


def speaks(tenant: Tenant, needed: Microversion) -> bool:
    """Tell whether the location's block storage knows a microversion, as discovery found it."""
    newest = [one.microversion for one in endpoints_of(tenant.location) if one.service.value == Service.BLOCK_STORAGE]
    return any(version is not None and version >= needed for version in newest)


def said_version(version: Microversion) -> str:
    """Say a version: "3.42"."""
    return ".".join(map(str, version))


def whom_to_ask(tenant: Tenant) -> str:
    """Say who helps where a member can't: "Ask help@north.example"."""
    location = tenant.location
    if location.support:
        return _("Ask %(support)s.") % {"support": location.support}
    return _("Ask the operator of %(place)s.") % {"place": location.name}


def zones_of(tenant: Tenant, service: Service) -> list[str]:
    """Return the names of a service's availability zones."""
    return [name for (name,) in _ZONES.rows(tenant=tenant.pk, service=service)]


_ZONES = Prepared(
    lambda tenant, service: Zone.objects.filter(tenant=tenant, service=service).values_list("name"),
    tenant=-1,
    service="service",
)


def counts_snapshots(tenant: Tenant) -> bool:
    """Tell whether the cloud counts snapshots as volume storage, its operator's choice that only its sums show.

    False while there is no snapshot to see it by: what may fit is not refused.
    """
    volumes, snapshots = (tenant.figures.get(part, {}).get("gb", 0) for part in ("volumes", "snapshots"))
    limit = tenant.limits.filter(measure=Measure.VOLUME_GB).first()
    return limit is not None and snapshots > 0 and limit.used == volumes + snapshots


def attached_to(volume: Volume) -> str:
    """Name the servers that have the volume, for a sentence."""
    ids = [one["server_id"] for one in volume.attachments]
    names = dict(volume.tenant.servers.filter(external_id__in=ids).values_list("external_id", "name"))
    return ", ".join(names.get(id_) or id_ for id_ in ids)


def detach_first(volume: Volume) -> Iterable[Refusal]:
    """Refuse a volume that is attached, where it may not be."""
    if volume.attachments:
        words = {"volume": str(volume), "servers": attached_to(volume)}
        way = Way(_("See where it is attached"), url=page_of(volume, volume.tenant))
        yield Refusal("volume_id", _("%(volume)s is attached to %(servers)s. Detach it first.") % words, [way])


def send_once(run: Run, key: str, volume_id: str, send: Callable[[], object]) -> Wait | None:
    """Send once, as `run.send_once`, what leaves no other trace of a volume than its time of change. None: it was sent.

    That time is compared with itself: no two clocks are.
    """

    def touched() -> str:
        return volumes.updated_at(run.cloud, volume_id)

    return run.send_once(key, volume_id, record=touched, arrived=lambda was: touched() != was, send=send)
