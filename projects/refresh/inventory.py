"""Writes one reading of a tenant: rows, limits, readings, news, figures and version, in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from pydantic import BaseModel

from clouds.openstack import errors
from clouds.openstack.inventory import Inventory
from clouds.openstack.inventory.block_storage import BlockStorage
from clouds.openstack.inventory.compute import Compute
from clouds.openstack.inventory.image import Images
from clouds.openstack.inventory.network import NetworkPart
from clouds.openstack.inventory.object_store import Objects
from projects import figures
from projects.models import (
    Change,
    Container,
    Flavor,
    FloatingIP,
    Image,
    Network,
    Port,
    Reading,
    Resource,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    Service,
    Snapshot,
    Subnet,
    Tenant,
    Volume,
)
from projects.refresh import limits
from projects.refresh.changes import first_sight, worth_telling
from projects.refresh.differences import Difference, write

log = structlog.get_logger(__name__)

PartData: TypeAlias = Compute | NetworkPart | BlockStorage | Images | Objects


def write_inventory(tenant_id: int, claim: datetime, seen: Inventory, *, slow: bool) -> bool:
    """Makes the tenant's rows say what was seen, gives the claim back and tells whether the claim was still ours.

    A part that failed keeps its last data; its reading says why. When the claim was lost nothing is written: what
    another worker wrote since is newer.
    """
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id, refresh_started_at=claim).first()
        if tenant is None:
            return False
        before = {reading.service: reading for reading in Reading.objects.filter(tenant=tenant)}
        readings, differences, first, news, limits_changed = [], [], [], [], False
        for part in seen.parts:
            service, error = Service(part.service.value), part.error
            if part.data is not None:
                try:
                    with transaction.atomic():
                        found = _write_part(tenant, part.data, seen)
                        limits_changed |= limits.write(tenant, service, _limits_of(part.data))
                except (DataError, IntegrityError, OverflowError):
                    # The types fit, and still the database can't hold it (a negative size, a number of 30 digits).
                    log.exception("reading_unfit", tenant_id=tenant.pk, service=service)
                    error = errors.Garbled(f"{service.label}'s answer has values that can't be.", service=part.service)
                else:
                    differences += found
                    earlier = before.get(service)
                    if earlier and earlier.as_of:
                        news += worth_telling(tenant, found, seen.as_of)
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
        _finish(tenant, readings, bool(differences) or limits_changed, reasons_changed, seen.as_of, slow)
    return True


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
        fields["version"] = F("version") + 1
    Tenant.objects.filter(pk=tenant.pk).update(**fields)


_SLOW_SERVICES = {Service.COMPUTE, Service.NETWORK, Service.IMAGE}


def _write_part(tenant: Tenant, data: PartData, seen: Inventory) -> list[Difference]:
    found: list[Difference] = []
    for model, rows, keep in _rows_of(data, seen):
        if rows is not None:
            found += write(tenant, model, rows, seen.as_of, keep=keep)
    return found


_Rows: TypeAlias = tuple[type[Resource], Iterable[BaseModel] | None, frozenset[str]]

_NOTHING: frozenset[str] = frozenset()


def _rows_of(data: PartData, seen: Inventory) -> list[_Rows]:
    """The models that a service's answer fills. None for rows that this reading did not ask for."""
    match data:
        case Compute():
            return [(Server, data.servers, _joined_columns(seen)), (Flavor, data.flavors, _NOTHING)]
        case NetworkPart():
            return [
                (SecurityGroup, data.security_groups, _NOTHING),
                (SecurityGroupRule, data.security_group_rules, _NOTHING),
                (Network, data.networks, _NOTHING),
                (Subnet, data.subnets, _NOTHING),
                (Port, data.ports, _NOTHING),
                (Router, data.routers, _NOTHING),
                (FloatingIP, data.floating_ips, _NOTHING),
            ]
        case BlockStorage():
            return [(Volume, data.volumes, _NOTHING), (Snapshot, data.snapshots, _NOTHING)]
        case Images():
            return [(Image, data.images, _NOTHING)]
        case Objects():
            return [(Container, data.containers, _NOTHING)]


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
