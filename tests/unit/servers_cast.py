"""What the tests of servers' actions begin with: rows as a refresh would have written them, and workers' turns."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation, Role, Tenant
from projects.operations import asking, claims, sending, turn
from projects.operations.asking import RefusedError
from projects.outcomes import Ask
from services.compute.models import Flavor, Server
from services.images.models import Image
from services.network.models import Network, SecurityGroup, Subnet
from services.openstack.models import Zone
from services.openstack.words import Measure
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import Killed


def make(tenant: Tenant, model: Any, external_id: str, **fields: Any) -> Any:
    """Return a row of the inventory."""
    now = timezone.now()
    values = {"name": external_id, "first_seen_at": now, "changed_at": now, **fields}
    return model.objects.create(tenant=tenant, external_id=external_id, **values)


def servers(tenant: Tenant) -> None:
    """Return the two that the fake cloud has, and no others."""
    Server.objects.filter(tenant=tenant).delete()
    shape = {"flavor_name": "m1.medium", "vcpus": 2, "ram_mb": 8192, "disk_gb": 40, "image_id": "image-1"}
    make(tenant, Server, "server-1", name="web-01", status="ACTIVE", **shape)
    make(tenant, Server, "server-2", name="web-02", status="SHUTOFF", **shape)


def inventory(cloud: FakeCloud) -> Tenant:
    """Return what the fake cloud has, as a refresh would have written it."""
    tenant = rows.make_tenant(rows.make_location(cloud=cloud))
    servers(tenant)
    make(tenant, Flavor, "flavor-0", name="m1.tiny", vcpus=1, ram_mb=512, disk_gb=1)
    make(tenant, Flavor, "flavor-1", name="m1.medium", vcpus=2, ram_mb=8192, disk_gb=40)
    make(tenant, Flavor, "flavor-2", name="m1.large", vcpus=4, ram_mb=16384, disk_gb=80)
    make(tenant, Flavor, "flavor-3", name="v1.diskless", vcpus=1, ram_mb=2048, disk_gb=0)
    debian = {"status": "active", "visibility": "public", "min_disk_gb": 3, "min_ram_mb": 1024}
    make(tenant, Image, "image-1", name="Debian 13", size_bytes=2 * 2**30, **debian)
    make(tenant, Network, "network-1", name="app-net", status="ACTIVE")
    make(tenant, Network, "network-2", name="empty-net", status="ACTIVE")
    make(tenant, Network, "network-3", name="internet", status="ACTIVE", owned=False, external=True)
    make(tenant, Subnet, "subnet-1", network_id="network-1", cidr="10.0.4.0/24")
    make(tenant, SecurityGroup, "group-1", name="default")
    make(tenant, Zone, "zone-a", service="compute")
    for measure, used, allowed in ((Measure.VCPUS, 4, 8), (Measure.RAM_MB, 16384, 51200), (Measure.SERVERS, 2, 10)):
        Limit.objects.create(tenant=tenant, measure=measure, used=used, allowed=allowed)
    return tenant


def member_of(tenant: Tenant) -> Visit:
    """Return a person who may change things there, logged in."""
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


WEB: dict[str, Any] = {
    "name": "web-03",
    "flavor_id": "flavor-1",
    "image_id": "image-1",
    "network_ids": ["network-1"],
    "security_group_ids": ["group-1"],
}


def ask(visit: Visit, verb: str, /, **params: Any) -> Operation:
    """Return what a button or a form does."""
    action = ACTIONS[verb]
    grant = visit.user.grants.get().pk
    return asking.ask(visit, grant, action, action.params.model_validate(params))


def refused(visit: Visit, verb: str, /, **params: Any) -> dict[str, str]:
    """Return the refusals by field. Fails when it is not refused."""
    with pytest.raises(RefusedError) as caught:
        ask(visit, verb, **params)
    said: dict[str, str] = {}
    for refusal in caught.value.refusals:
        said[refusal.field] = f"{said.get(refusal.field, '')} {refusal.reason}".replace("\xa0", " ").strip()
    return said


def undone(operation: Operation) -> Ask | None:
    """Return what takes it back."""
    action = ACTIONS[operation.action]
    return action.undo(operation, action.params.model_validate(operation.params))


def go(operation: Operation, turns: int = 30) -> Operation:
    """Return what workers do, without the waiting. A worker that dies is followed by another when its claim has
    ended.
    """
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        try:
            if turn.turn(operation.pk) is None:
                break
        except Killed:
            later(operation, max(claims.LEASE, sending.SETTLE).total_seconds() + 1)
    operation.refresh_from_db()
    return operation


def taken_over(operation: Operation) -> Operation:
    """Do the same for a worker that comes when the claim of one that died has ended."""
    operation = Operation.objects.get(pk=operation.pk)
    later(operation, max(claims.LEASE, sending.SETTLE).total_seconds() + 1)
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what the operation remembers, and for its claim."""
    operation.refresh_from_db()
    ago = timedelta(seconds=seconds)
    memory = {key: _earlier(value, ago) for key, value in operation.memory.items()}
    claimed_at = operation.claimed_at - ago if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def _earlier(value: Any, ago: timedelta) -> Any:
    try:
        return (datetime.fromisoformat(value) - ago).isoformat()
    except (TypeError, ValueError):
        return value
