"""Writes one reading of a tenant: rows, limits, readings, news, figures and version, in one transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from pydantic import BaseModel

from clouds import errors
from clouds.openstack import key_pairs
from clouds.openstack.inventory import Inventory, block_storage, compute, image, network, object_store, zones
from clouds.openstack.inventory.block_storage import BlockStorage
from clouds.openstack.inventory.compute import Compute
from clouds.openstack.inventory.image import Images
from clouds.openstack.inventory.network import NetworkPart
from clouds.openstack.inventory.object_store import Objects
from projects import figures
from projects.models import (
    Change,
    Membership,
    OperationTarget,
    Reading,
    Resource,
    Service,
    Tenant,
)
from projects.refresh import limits
from projects.refresh.changes import first_sight, worth_telling
from projects.refresh.differences import Difference, Values, write
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.compute.models import Flavor, KeyPair, Server
from services.images.models import Image
from services.network.models import (
    FloatingIP,
    Network,
    Port,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from services.object_storage.models import Container
from services.openstack.models import Zone

log = structlog.get_logger(__name__)

# The model of each typed row.
MODELS: Mapping[type[BaseModel], type[Resource]] = {
    compute.Server: Server,
    compute.Flavor: Flavor,
    compute.KeyPair: KeyPair,
    key_pairs.KeyPair: KeyPair,
    network.SecurityGroup: SecurityGroup,
    network.SecurityGroupRule: SecurityGroupRule,
    network.Network: Network,
    network.Subnet: Subnet,
    network.Port: Port,
    network.Router: Router,
    network.FloatingIP: FloatingIP,
    block_storage.Volume: Volume,
    block_storage.Snapshot: Snapshot,
    block_storage.VolumeType: VolumeType,
    zones.Zone: Zone,
    image.Image: Image,
    object_store.Container: Container,
}

PartData: TypeAlias = Compute | NetworkPart | BlockStorage | Images | Objects


def write_inventory(
    tenant_id: int, claim: datetime, seen: Inventory, *, slow: bool, reader: Membership | None = None
) -> bool:
    """Makes the tenant's rows say what was seen, gives the claim back and tells whether the claim was still ours.

    `reader` is the place in the tenant of the person whose login read it: the key pairs are that person's own. Without
    one (who is no member any more) they are not written.

    A part that failed keeps its last data; its reading says why. When the claim was lost nothing is written: what
    another worker wrote since is newer.
    """
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id, refresh_started_at=claim).first()
        if tenant is None:
            return False
        before = {reading.service: reading for reading in Reading.objects.filter(tenant=tenant)}
        gone, ours = _seen_going(tenant, seen.as_of), _ours(tenant)
        readings, differences, first, news, more_changed = [], [], [], [], False
        for part in seen.parts:
            service, error = Service(part.service.value), part.error
            if part.data is not None:
                try:
                    with transaction.atomic():
                        found = _write_part(tenant, part.data, seen, gone)
                        more_changed |= limits.write(tenant, service, _limits_of(part.data))
                        if isinstance(part.data, Compute):
                            more_changed |= _write_own(tenant, reader, part.data.key_pairs, seen)
                except (DataError, IntegrityError, OverflowError):
                    # The types fit, and still the database can't hold it (a negative size, a number of 30 digits).
                    log.exception("reading_unfit", tenant_id=tenant.pk, service=service)
                    error = errors.Garbled(f"{service.label}'s answer has values that can't be.", service=part.service)
                else:
                    differences += found
                    earlier = before.get(service)
                    if earlier and earlier.as_of:
                        told = worth_telling(tenant, found, seen.as_of)
                        news += [one for one in told if (one.kind, one.external_id) not in ours]
                    else:
                        first += found
            readings.append(
                Reading(
                    tenant=tenant,
                    service=service,
                    as_of=seen.as_of if error is None else None,
                    tried_at=seen.as_of,
                    latency_ms=part.latency_ms,
                    reason=(f"{error.reason} {error.detail}".strip()[:500] if error else ""),
                    request_id=error.request_id[:80] if error else "",
                )
            )
        Change.objects.bulk_create(first_sight(tenant, first, seen.as_of) + news)
        reasons_changed = write_readings(tenant, readings + _no_longer_offered(tenant, before, seen, slow=slow))
        _finish(tenant, readings, bool(differences) or more_changed, reasons_changed, seen.as_of, slow)
    return True


def _seen_going(tenant: Tenant, since: datetime, **by: Any) -> frozenset[str]:
    """What operations saw going after the reading began: it may still be in it."""
    targets = OperationTarget.objects.filter(operation__tenant=tenant, gone_at__gt=since, **by)
    return frozenset(targets.values_list("external_id", flat=True))


def _ours(tenant: Tenant) -> set[tuple[str, str]]:
    """What operations change now, or did since the last whole reading: told as operations, not as news from outside."""
    lately = Q(operation__ended_at=None)
    if tenant.as_of is not None:
        lately |= Q(operation__ended_at__gt=tenant.as_of)
    return set(OperationTarget.objects.filter(lately, operation__tenant=tenant).values_list("kind", "external_id"))


def _no_longer_offered(tenant: Tenant, before: Iterable[str], seen: Inventory, *, slow: bool) -> list[Reading]:
    """Readings for services that were read once and that the location's catalogue does not name any more."""
    asked = {Service(part.service.value) for part in seen.parts}
    gone = {Service(service) for service in before} - asked - (set() if slow else {Service.IMAGE}) - {Service.IDENTITY}
    return [
        Reading(tenant=tenant, service=service, tried_at=seen.as_of, reason="The location no longer offers it.")
        for service in sorted(gone)
    ]


def write_readings(tenant: Tenant, readings: list[Reading]) -> bool:
    """Writes how the services answered; one that failed keeps the time of its last good reading.

    Tells whether any service's reason is not what it was.
    """
    before = dict(Reading.objects.filter(tenant=tenant).values_list("service", "reason"))
    for good in (True, False):
        rows = [reading for reading in readings if (reading.as_of is not None) is good]
        Reading.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["tenant", "service"],
            update_fields=["tried_at", "latency_ms", "reason", "request_id", *(["as_of"] if good else [])],
        )
    return any(before.get(reading.service) != reading.reason for reading in readings)


def _finish(
    tenant: Tenant, readings: list[Reading], rows_changed: bool, reasons_changed: bool, as_of: datetime, slow: bool
) -> None:
    fields: dict[str, Any] = {"refresh_started_at": None, "refreshed_at": timezone.now()}
    if all(reading.as_of for reading in readings):
        fields["as_of"] = as_of
    if slow and all(reading.as_of for reading in readings if reading.service in _SLOW_SERVICES):
        fields["slow_as_of"] = as_of
    shown_changed = rows_changed or reasons_changed
    # A service that is read for the first time has a figure from now on, were it zero.
    if rows_changed or reasons_changed or not tenant.figures:
        fields |= {"figures": figures.measure(tenant), "changing": figures.is_changing(tenant)}
        shown_changed |= fields["figures"] != tenant.figures
    if shown_changed:
        tenant.grow(**fields)
    else:
        Tenant.objects.filter(pk=tenant.pk).update(**fields)


_SLOW_SERVICES = {Service.COMPUTE, Service.NETWORK, Service.BLOCK_STORAGE, Service.IMAGE}


def _write_part(tenant: Tenant, data: PartData, seen: Inventory, gone: frozenset[str]) -> list[Difference]:
    found: list[Difference] = []
    for model, rows, keep, only in _rows_of(data, seen):
        if rows is not None:
            found += write(tenant, model, rows, seen.as_of, keep=keep, gone=gone, only=only)
    return found


def _write_own(tenant: Tenant, reader: Membership | None, pairs: Iterable[BaseModel] | None, seen: Inventory) -> bool:
    """Writes the reader's own key pairs, and that they were read. Tells whether a page shows anything else by it.

    They are no differences to be told: news goes to all members.
    """
    if reader is None or pairs is None:
        return False
    # Who left the tenant meanwhile has no row to update, and leaves no key pairs behind.
    place = Membership.objects.filter(pk=reader.pk)
    if not place.update(cloud_user_id=seen.user_id, own_as_of=seen.as_of):
        return False
    gone = _seen_going(tenant, seen.as_of, operation__user=reader.user_id, kind="keypair")
    found = write(tenant, KeyPair, pairs, seen.as_of, gone=gone, only={"user_id": seen.user_id})
    return bool(found) or reader.own_as_of is None or reader.cloud_user_id != seen.user_id


class _Rows(NamedTuple):
    """Rows of a model, None when this reading did not ask for them. `keep` and `only` are differences.write's."""

    model: type[Resource]
    rows: Iterable[BaseModel] | None
    keep: frozenset[str] = frozenset()
    only: Values = MappingProxyType({})


def _rows_of(data: PartData, seen: Inventory) -> list[_Rows]:
    """The models that a service's answer fills."""
    match data:
        case Compute():
            return [
                _Rows(Server, data.servers, keep=_joined_columns(seen)),
                _Rows(Flavor, data.flavors),
                _Rows(Zone, data.zones, only={"service": Service.COMPUTE.value}),
            ]
        case NetworkPart():
            return [
                _Rows(SecurityGroup, data.security_groups),
                _Rows(SecurityGroupRule, data.security_group_rules),
                _Rows(Network, data.networks),
                _Rows(Subnet, data.subnets),
                _Rows(Port, data.ports),
                _Rows(Router, data.routers),
                _Rows(FloatingIP, data.floating_ips),
            ]
        case BlockStorage():
            return [
                _Rows(Volume, data.volumes),
                _Rows(Snapshot, data.snapshots),
                _Rows(VolumeType, data.volume_types),
                _Rows(Zone, data.zones, only={"service": Service.BLOCK_STORAGE.value}),
            ]
        case Images():
            return [_Rows(Image, data.images)]
        case Objects():
            return [_Rows(Container, data.containers)]


def _joined_columns(seen: Inventory) -> frozenset[str]:
    """The columns of a server that lack what another service knows, because that one could not be read."""
    lacking = set()
    if seen.network is None or seen.network.data is None:
        lacking |= {"addresses", "security_groups"}
    if seen.block_storage is None or seen.block_storage.data is None:
        lacking.add("volumes")
    return frozenset(lacking)


def _limits_of(data: PartData) -> list[Any]:
    return [] if isinstance(data, Images) else data.limits
