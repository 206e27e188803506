"""What an operation says of the cloud when it is cancelled after its worker died between sending and noting: never that
nothing was done, for that nobody knows."""

from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role
from tests.unit import l3_cast
from tests.unit import projects_fixtures as rows
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import CINDER, NEUTRON, NOVA, FakeCloud
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.clouds_neutron import Neutron, rule
from tests.unit.nova_fake import Killed, Nova
from tests.unit.running import go

pytestmark = pytest.mark.django_db

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5pMXlBQ2tJd3pXVG5sTmJ1Y2JkYmFhYmNkZWZnaGlq zoe@laptop"
MADE, CHANGED = "may have been made", "it may have been done"
NOTHING = "Nothing was made."
UNTOUCHED = "Nothing was changed."
SSH = {"direction": "ingress", "protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "0.0.0.0/0"}
# Their ends are proven with their secrets (test_service_users_crashes.py); one is never run by a worker.
OF_SERVICE_USERS = {"create-service-user", "rotate-service-user", "revoke-service-user", "end-service-user"}

# Action, params, words when it is not known whether the request arrived, and when none was sent.
Case = tuple[str, dict[str, Any], str, str]
VOLUMES: list[Case] = [
    ("create-volume", {"name": "pg-data", "size_gb": 20}, f"pg-data {MADE}", NOTHING),
    ("create-snapshot", {"name": "daily", "volume_id": "volume-1"}, f"daily {MADE}", NOTHING),
    ("delete-volume", {"volume_id": "volume-1"}, "may delete it", "The volume is kept."),
    ("delete-snapshot", {"snapshot_id": "snapshot-1"}, "may delete it", "The snapshot is kept."),
    ("extend-volume", {"volume_id": "volume-1", "size_gb": 30}, "may still be extended", "Its size is what it was."),
    ("edit-volume", {"volume_id": "volume-1", "name": "new"}, CHANGED, "are as they were"),
    ("edit-snapshot", {"snapshot_id": "snapshot-1", "name": "new"}, CHANGED, "are as they were"),
    ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}, "may still go back", "as it was"),
    ("release-volume", {"volume_id": "volume-2"}, "may still be set free", "as it was"),
    ("attach-volume", {"volume_id": "volume-1", "server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("detach-volume", {"volume_id": "volume-3", "server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("detach-again", {"volume_id": "volume-4", "server_id": "server-1"}, CHANGED, UNTOUCHED),
]
SERVERS: list[Case] = [
    ("create-server", {"name": "web-03", "flavor_id": "f", "image_id": "i"}, f"web-03 {MADE}", NOTHING),
    ("create-image", {"server_id": "server-1", "name": "golden"}, f"golden {MADE}", NOTHING),
    ("delete-server", {"server_id": "server-1"}, "may delete it", "The server is kept."),
    ("start-server", {"server_id": "server-2"}, CHANGED, UNTOUCHED),
    ("stop-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("reboot-server", {"server_id": "server-1", "kind": "hard"}, CHANGED, UNTOUCHED),
    ("pause-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("unpause-server", {"server_id": "server-4"}, CHANGED, UNTOUCHED),
    ("suspend-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("resume-server", {"server_id": "server-5"}, CHANGED, UNTOUCHED),
    ("shelve-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("unshelve-server", {"server_id": "server-6"}, CHANGED, UNTOUCHED),
    ("rescue-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("unrescue-server", {"server_id": "server-7"}, CHANGED, UNTOUCHED),
    ("rebuild-server", {"server_id": "server-1", "image_id": "image-1"}, CHANGED, UNTOUCHED),
    ("lock-server", {"server_id": "server-1"}, CHANGED, UNTOUCHED),
    ("unlock-server", {"server_id": "server-2"}, CHANGED, UNTOUCHED),
    ("rename-server", {"server_id": "server-1", "name": "new"}, CHANGED, UNTOUCHED),
    ("resize-server", {"server_id": "server-1", "flavor_id": "flavor-2"}, CHANGED, UNTOUCHED),
    ("confirm-resize", {"server_id": "server-3"}, CHANGED, UNTOUCHED),
    ("revert-resize", {"server_id": "server-3"}, CHANGED, UNTOUCHED),
    ("delete-key-pair", {"name": "lap"}, CHANGED, UNTOUCHED),
    ("import-key-pair", {"name": "desk", "public_key": KEY}, f"desk {MADE}", NOTHING),
]
NETWORKS: list[Case] = [
    ("create-network", {"name": "shop", "cidr": "10.0.7.0/24"}, f"shop {MADE}", NOTHING),
    ("create-subnet", {"name": "till", "network_id": "network-1", "cidr": "10.0.7.0/24"}, f"till {MADE}", NOTHING),
    ("create-router", {"name": "door"}, f"door {MADE}", NOTHING),
    ("allocate-floating-ip", {"network_id": PUBLIC}, f"a floating IP {MADE}", "Nothing was allocated."),
    ("associate-floating-ip", {"floating_ip_id": "floating-6", "server_id": "server-2"}, CHANGED, "is unchanged."),
    ("disassociate-floating-ip", {"floating_ip_id": "floating-5"}, CHANGED, "is unchanged."),
    ("release-floating-ip", {"floating_ip_id": "floating-6"}, CHANGED, "The address is kept."),
    ("set-router-gateway", {"router_id": "inner", "external_network_id": PUBLIC}, CHANGED, "is unchanged."),
    ("clear-router-gateway", {"router_id": "edge"}, CHANGED, "is unchanged."),
    ("connect-subnet", {"router_id": "inner", "subnet_id": "subnet-1"}, CHANGED, "is not connected"),
    ("disconnect-subnet", {"router_id": "edge", "subnet_id": "subnet-1"}, CHANGED, "is still connected"),
    ("edit-network", {"network_id": "network-1", "name": "new"}, CHANGED, "are as they were"),
    ("delete-network", {"network_id": "network-9"}, "may delete it", "The network is as it was."),
    ("delete-network", {"network_id": "network-8"}, CHANGED, "The network is as it was."),
    ("delete-subnet", {"subnet_id": "subnet-9"}, "may delete it", "The subnet is as it was."),
    ("delete-router", {"router_id": "inner"}, "may delete it", "The router is as it was."),
    ("connect-server", {"server_id": "server-2", "floating_ip_id": "new"}, MADE, NOTHING),
    ("connect-server", {"server_id": "server-2", "floating_ip_id": "floating-6"}, CHANGED, NOTHING),
]
GROUPS: list[Case] = [
    ("create-security-group", {"name": "www"}, f"www {MADE}", NOTHING),
    ("edit-security-group", {"group_id": "web", "name": "new"}, CHANGED, "are as they were"),
    ("delete-security-group", {"group_id": "web"}, "may delete it", "are as they were"),
    ("add-security-group-rules", {"group_id": "web", "rules": [SSH]}, CHANGED, "the rules that it had"),
    ("remove-security-group-rules", {"group_id": "web", "rule_ids": ["rule-1"]}, CHANGED, "the rules that it had"),
    ("set-port-groups", {"server_id": "server-1", "port_id": "port-1", "seen": ["web"]}, CHANGED, "are as they were"),
]


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def volumes(cloud: FakeCloud) -> None:
    cloud.snapshots.append(snapshot(1))
    cloud.volumes.append(cloud.volumes[0] | {"id": "volume-2", "status": "attaching"})
    attached = [{"server_id": "server-1", "device": "/dev/vdb", "attachment_id": "a", "id": "volume-3"}]
    cloud.volumes.append(cloud.volumes[0] | {"id": "volume-3", "status": "in-use", "attachments": attached})
    cloud.volumes.append(cloud.volumes[0] | {"id": "volume-4", "status": "detaching", "attachments": attached})
    Cinder(cloud)


@pytest.fixture
def servers(cloud: FakeCloud) -> None:
    Nova(cloud)
    flavor = {"original_name": "m1.large", "vcpus": 4, "ram": 8192, "disk": 40, "ephemeral": 0}
    cloud.servers[1] |= {"status": "SHUTOFF", "locked": True}
    cloud.servers.append(cloud.servers[0] | {"id": "server-3", "status": "VERIFY_RESIZE", "flavor": flavor})
    for number, status in enumerate(("PAUSED", "SUSPENDED", "SHELVED", "RESCUE"), 4):
        cloud.servers.append(cloud.servers[0] | {"id": f"server-{number}", "status": status})
    cloud.mock.get(f"{NOVA}/os-keypairs/desk", status_code=404)
    pair = {"name": "lap", "public_key": KEY, "fingerprint": "aa:bb", "user_id": "user-1", "type": "ssh"}
    cloud.mock.get(f"{NOVA}/os-keypairs/lap", json={"keypair": pair})
    cloud.mock.post(f"{NOVA}/os-keypairs", json={})


@pytest.fixture
def networks(cloud: FakeCloud) -> None:
    l3 = L3(cloud)
    l3_cast.reachable(l3)
    cloud.networks += [cloud.networks[0] | {"id": f"network-{n}"} for n in (8, 9)]
    cloud.subnets += [cloud.subnets[0] | {"id": f"subnet-{n}", "network_id": f"network-{n}"} for n in (8, 9)]
    l3.has_router("inner", outside="")
    l3.has_router("elsewhere", "subnet-8")


@pytest.fixture
def groups(cloud: FakeCloud) -> None:
    neutron = Neutron(cloud)
    neutron.has_group("web", "", rule("web", id="rule-1", protocol="tcp"))
    neutron.set_groups("port-1", "web")


@pytest.fixture
def visit(cloud: FakeCloud) -> Visit:
    tenant = rows.make_tenant(rows.make_location(cloud=cloud))
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def begun(visit: Visit, action: str, params: dict[str, Any]) -> Operation:
    """One that was asked for, whatever the inventory says to it."""
    wanted = ACTIONS[action].params.model_validate(params).model_dump(mode="json")
    times = dict.fromkeys(("asked_at", "next_at", "sent_at"), timezone.now())
    grant = visit.user.grants.get().pk
    return Operation.objects.create(
        tenant=visit.tenant, user=visit.user, grant=grant, action=action, params=wanted, **times
    )


def dies_at_its_first_change(cloud: FakeCloud, operation: Operation) -> None:
    """Return the worker is killed when its first change is on its way."""

    def change(request: Any) -> bool:
        if request.method != "GET" and request.url.startswith((NOVA, CINDER, NEUTRON)):
            raise Killed
        return False

    cloud.mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=change)
    with pytest.raises(Killed):
        go(operation, turns=5)


def cancelled(operation: Operation) -> str:
    """Its note, after somebody has cancelled it and its dead worker's claim has ended."""
    Operation.objects.filter(pk=operation.pk).update(cancel_at=timezone.now(), claimed_at=None)
    assert go(operation).state == Operation.State.CANCELLED
    return operation.note


def check(cloud: FakeCloud, visit: Visit, case: Case) -> None:
    action, params, unsure, untouched = case
    assert untouched in cancelled(begun(visit, action, params))
    operation = begun(visit, action, params)
    dies_at_its_first_change(cloud, operation)
    note = cancelled(operation)
    assert unsure in note
    assert untouched not in note


@pytest.mark.usefixtures("volumes")
@pytest.mark.parametrize("case", VOLUMES, ids=lambda case: case[0])
def test_of_volumes(cloud: FakeCloud, visit: Visit, case: Case) -> None:
    check(cloud, visit, case)


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("case", SERVERS, ids=lambda case: case[0])
def test_of_servers(cloud: FakeCloud, visit: Visit, case: Case) -> None:
    check(cloud, visit, case)


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize("case", NETWORKS, ids=lambda case: case[0])
def test_of_networks(cloud: FakeCloud, visit: Visit, case: Case) -> None:
    check(cloud, visit, case)


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize("case", GROUPS, ids=lambda case: case[0])
def test_of_groups(cloud: FakeCloud, visit: Visit, case: Case) -> None:
    check(cloud, visit, case)


def test_every_action_stands_in_a_table() -> None:
    told = {case[0] for case in [*VOLUMES, *SERVERS, *NETWORKS, *GROUPS]}

    assert set(ACTIONS) - told == OF_SERVICE_USERS
