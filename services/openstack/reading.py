"""Reading a tenant of an OpenStack: the whole inventory as the person, and which models it fills."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from clouds import errors
from clouds.openstack import inventory
from clouds.openstack.inventory import Inventory
from clouds.openstack.inventory.compute import Compute
from clouds.openstack.inventory.compute import Flavor as SeenFlavor
from clouds.openstack.inventory.read import Part as SeenPart
from clouds.openstack.services import EMBEDDED_FLAVOR, Service
from clouds.openstack.session import AuthState, Connection
from projects import observed
from projects.freshness import SLOW_AGE
from projects.models import Membership, Tenant
from projects.refresh.reading import Filled, Part, Seen
from services.compute.models import Flavor, KeyPair
from services.images.models import Image
from services.openstack import tokens
from services.openstack.rows import OpenStackRows

# Of these something is read every two minutes only; of images everything.
_SLOW = frozenset({Service.COMPUTE, Service.NETWORK, Service.BLOCK_STORAGE, Service.IMAGE})


def read(tenant: Tenant, grant: UUID, *, slow: bool, reader: Membership | None) -> Seen:
    """Read the tenant as the person of the login; their own key pairs too where those are due."""

    def work(cloud: Connection) -> Inventory:
        return inventory.read(
            cloud,
            slow=slow,
            key_pairs=reader is not None and _own_due(reader, cloud.state),
            flavors=_known_flavors(tenant, cloud),
            image_names=dict(Image.objects.filter(tenant=tenant).values_list("external_id", "name")),
        )

    return seen_of(tokens.as_person(tenant, grant, work, stale=_refused), slow=slow)


def _refused(seen: Inventory) -> bool:
    """Drop a token that ended before its time: a role was lost, or the cloud's keys were changed."""
    return any(isinstance(error, errors.Unauthorized) for error in seen.errors)


def seen_of(found: Inventory, *, slow: bool) -> Seen:
    """Return what was read as it is to be written. `slow`: everything was asked for."""
    return Seen(
        as_of=found.as_of,
        user_id=found.user_id,
        parts=[_part(part, found) for part in found.parts],
        elapsed_ms=found.elapsed_ms,
        calls=found.calls,
        slow=slow,
        slow_services=frozenset(_SLOW),
        # Keystone is asked for tokens, and has nothing to read.
        unasked=frozenset({Service.IDENTITY} if slow else {Service.IDENTITY, Service.IMAGE}),
    )


def _part(part: SeenPart[Any], found: Inventory) -> Part:
    if part.data is None:
        return Part(part.service.value, part.latency_ms, part.error)
    rows = []
    for kind in observed.ROWS.values():
        if isinstance(kind, OpenStackRows) and kind.is_in(part.service):
            seen = getattr(part.data, kind.field)
            if seen is not None:
                rows.append(Filled(kind.model, seen, kind.lacking(found), kind.part(part.service)))
    own = []
    if isinstance(part.data, Compute) and part.data.key_pairs is not None:
        own = [Filled(KeyPair, part.data.key_pairs, only={"user_id": found.user_id})]
    limits = getattr(part.data, "limits", ())  # glance has none
    return Part(part.service.value, part.latency_ms, rows=rows, limits=limits, own=own)


def _own_due(reader: Membership, state: AuthState) -> bool:
    """Tell whether the person's own key pairs are to be read, which the logins of others do not: one call."""
    known = reader.own_as_of if reader.cloud_user_id == state.user_id else None
    return known is None or known < timezone.now() - SLOW_AGE


def _known_flavors(tenant: Tenant, cloud: Connection) -> dict[str, SeenFlavor]:
    """Return what the last slow reading found, for clouds whose servers name only their flavor's id."""
    compute = cloud.endpoints.get(Service.COMPUTE)
    spoken = compute.microversion if compute else None
    if spoken is not None and spoken >= EMBEDDED_FLAVOR:
        return {}
    fields = "external_id", "name", "vcpus", "ram_mb", "disk_gb", "ephemeral_gb", "public"
    rows = Flavor.objects.filter(tenant=tenant).values(*fields)
    return {row["external_id"]: SeenFlavor(**row) for row in rows}
