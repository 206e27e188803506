"""Networks, routers and floating IPs changed by the real engine on a real cloud, checked with openstacksdk."""

import shlex
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.utils import timezone

from portal.ui.commands import Command, line
from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations.asking import RefusedError
from projects.pages.command import commands_of
from services.compute.models import Server
from services.compute.servers import connect_server
from services.network.models import FloatingIP, Network, Port, Router, Subnet
from services.network.networks import vacating as leaving
from services.network.routers import internet_plan as connecting
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, Project, enter, own_project, undo
from tests.operations_factory import die
from tests.support import warm
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]

State = Operation.State
SHOP: dict[str, Any] = {"name": "shop", "description": "The shop", "cidr": "10.31.0.0/24"}


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud) as project:
        # The cloud's admin also sees those of other tests, and names them in commands.
        for subnet in project.sdk.network.subnets(network_id=project.network_id):
            project.sdk.network.update_subnet(subnet, name=f"{project.name}-v4")
        yield project


@pytest.fixture(scope="module")
def servers(project: Project) -> list[str]:
    """Boot two servers in a network without a router; return their ids."""
    sdk, made = project.sdk, []
    for name in ("web-01", "web-02"):
        server = sdk.compute.create_server(
            name=name,
            flavor_id=sdk.compute.find_flavor("m1.tiny").id,
            image_id=sdk.image.find_image("cirros-0.6").id,
            networks=[{"uuid": project.network_id}],
        )
        made.append(sdk.compute.wait_for_server(server, interval=0.3).id)
    return made


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, project: Project, servers: list[str]) -> Iterator[Here]:
    """Provide a member of the project; keep only its two servers and their network afterwards."""
    yield enter(devcloud, issuer, project)
    network, mine = project.sdk.network, project.sdk.current_project_id
    for address in network.ips(project_id=mine):
        network.delete_ip(address)
    for router in network.routers(project_id=mine):
        for port in network.ports(device_id=router.id, device_owner="network:router_interface"):
            network.remove_interface_from_router(router, port_id=port.id)
        network.delete_router(router)
    for one in network.networks(project_id=mine):
        if one.id != project.network_id:
            network.delete_network(one)


@pytest.fixture
def outside(here: Here) -> str:
    """Return the external network's id."""
    return Network.objects.get(tenant=here.tenant, external=True).external_id


def rows(here: Here) -> dict[str, list[dict[str, Any]]]:
    """Return what the pages show of networks."""
    skip = {"id", "tenant_id", "first_seen_at", "changed_at"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in skip}
            for row in model._default_manager.filter(tenant=here.tenant).order_by("external_id").values()
        ]
        for model in (Network, Subnet, Port, Router, FloatingIP, Server)
    }


def same(here: Here) -> None:
    """Check that the rows equal what a refresh would write, without one."""
    before = rows(here)
    here.look()
    assert before == rows(here)


def made(operation: Operation, kind: str) -> str:
    return str(operation.targets.get(kind=kind).external_id)


def reach(here: Here, server_id: str) -> list[str]:
    """Return the floating IPs that the server's page shows."""
    row = Server.objects.get(tenant=here.tenant, external_id=server_id)
    return [one["address"] for one in row.addresses if one["type"] == "floating"]


def test_a_network_lives_with_its_router(here: Here, outside: str) -> None:
    sdk = here.project.sdk.network
    operation = here.do(
        "create-network", **SHOP, dns_servers=["192.0.2.53"], gateway="10.31.0.9", external_network_id=outside
    )
    network = sdk.get_network(made(operation, "network"))
    assert (network.name, network.description) == ("shop", "The shop")
    (subnet,) = sdk.subnets(network_id=network.id)
    assert (subnet.name, subnet.cidr, subnet.gateway_ip, subnet.dns_nameservers, subnet.description) == (
        "shop",
        "10.31.0.0/24",
        "10.31.0.9",
        ["192.0.2.53"],
        "",
    )
    router = sdk.get_router(made(operation, "router"))
    assert (router.name, router.description) == ("shop-router", "")
    assert router.external_gateway_info["network_id"] == outside
    (port,) = sdk.ports(device_id=router.id, network_id=network.id)
    assert [ip["ip_address"] for ip in port.fixed_ips] == ["10.31.0.9"]
    same(here)

    words = {"network_id": network.id, "name": "store", "description": "", "was_name": "shop"}
    renamed = here.do("edit-network", **words, was_description="The shop")
    assert sdk.get_network(network.id).name == "store"
    undo(here, renamed)
    assert (sdk.get_network(network.id).name, sdk.get_network(network.id).description) == ("shop", "The shop")

    six = here.do("create-subnet", network_id=network.id, name="six", cidr="fd00:31::/64")
    assert sdk.get_subnet(made(six, "subnet")).ipv6_address_mode == "slaac"
    connected = here.do("connect-subnet", router_id=router.id, subnet_id=made(six, "subnet"))
    assert len(list(sdk.ports(device_id=router.id, network_id=network.id))) == 2
    same(here)
    undo(here, connected)
    assert len(list(sdk.ports(device_id=router.id, network_id=network.id))) == 1
    same(here)
    here.do("delete-subnet", subnet_id=made(six, "subnet"))
    same(here)

    closed = here.do("clear-router-gateway", router_id=router.id)
    assert sdk.get_router(router.id).external_gateway_info is None
    undo(here, closed)
    assert sdk.get_router(router.id).external_gateway_info["network_id"] == outside
    same(here)

    here.do("delete-network", network_id=network.id)
    assert sdk.find_network(network.id) is None
    assert sdk.get_router(router.id).external_gateway_info
    same(here)
    here.do("delete-router", router_id=router.id)
    assert sdk.find_router(router.id) is None
    same(here)


def test_a_router_joins_what_it_is_told_to(here: Here, outside: str) -> None:
    sdk = here.project.sdk.network
    network = made(here.do("create-network", **SHOP), "network")
    subnets = list(Subnet.objects.filter(tenant=here.tenant, network_id__in=[network, here.project.network_id]))
    ids = [one.external_id for one in subnets]
    router = made(here.do("create-router", name="edge", external_network_id=outside, subnet_ids=ids), "router")
    joined = {ip["subnet_id"] for port in sdk.ports(device_id=router) for ip in port.fixed_ips}
    assert joined == set(ids) | {
        ip["subnet_id"]
        for port in sdk.ports(device_id=router, device_owner="network:router_gateway")
        for ip in port.fixed_ips
    }
    same(here)
    with pytest.raises(RefusedError, match="has a router already: edge is its gateway"):
        here.ask("create-router", name="other", subnet_ids=ids[:1])
    here.do("delete-router", router_id=router)
    assert sdk.find_router(router) is None
    same(here)


def test_a_server_is_connected_to_the_internet_and_back(here: Here, servers: list[str], outside: str) -> None:
    sdk = here.project.sdk
    operation = here.do("connect-server", server_id=servers[0])
    assert [step["key"] for step in operation.steps] == ["router", "gateway", "interface", "address", "lead", "see"]
    assert operation.steps[0]["note"] == "Made net-router."
    (router,) = sdk.network.routers(project_id=sdk.current_project_id)
    assert (router.name, router.description, router.external_gateway_info["network_id"]) == ("net-router", "", outside)
    (address,) = sdk.network.ips(project_id=sdk.current_project_id)
    assert (address.description, address.router_id) == ("", router.id)
    (port,) = sdk.network.ports(device_id=servers[0])
    assert address.port_id == port.id
    assert reach(here, servers[0]) == [address.floating_ip_address] == [operation.note]
    same(here)
    with pytest.raises(RefusedError, match="can be reached at"):
        here.ask("connect-server", server_id=servers[0])

    assert undo(here, operation).state == State.DONE
    assert sdk.network.get_ip(address.id).port_id is None
    assert reach(here, servers[0]) == []
    same(here)

    # What exists is reused: only the way to the server is created.
    again = here.do("connect-server", server_id=servers[1])
    assert [step["note"] for step in again.steps][:4] == [
        "net-router is there.",
        f"Its external address is {router.external_gateway_info['external_fixed_ips'][0]['ip_address']}.",
        "",
        f"{address.floating_ip_address} is there.",
    ]
    assert reach(here, servers[1]) == [address.floating_ip_address]
    assert len(list(sdk.network.routers(project_id=sdk.current_project_id))) == 1
    same(here)

    with pytest.raises(RefusedError, match="uses net-router"):
        here.ask("clear-router-gateway", router_id=router.id)
    here.do("release-floating-ip", floating_ip_id=address.id)
    assert sdk.network.find_ip(address.id) is None
    assert reach(here, servers[1]) == []
    same(here)


def test_a_floating_ip_goes_from_one_server_to_another_and_back(here: Here, servers: list[str], outside: str) -> None:
    sdk = here.project.sdk.network
    here.do("connect-server", server_id=servers[0], external_network_id=outside)
    mail = here.do("allocate-floating-ip", network_id=outside, description="mail", server_id=servers[1])
    (address,) = (one for one in sdk.ips(project_id=here.project.sdk.current_project_id) if one.description == "mail")
    assert made(mail, "floatingip") == address.id
    assert reach(here, servers[1]) == [address.floating_ip_address]
    same(here)
    with pytest.raises(RefusedError, match="has a floating IP already"):
        here.ask("associate-floating-ip", floating_ip_id=address.id, server_id=servers[0])

    first = FloatingIP.objects.get(tenant=here.tenant, server_id=servers[0])
    here.do("disassociate-floating-ip", floating_ip_id=first.external_id, was_port_id=first.port_id)
    (port,) = sdk.ports(device_id=servers[1])
    moved = here.do("associate-floating-ip", floating_ip_id=address.id, server_id=servers[0], was_port_id=port.id)
    assert (reach(here, servers[0]), reach(here, servers[1])) == ([address.floating_ip_address], [])
    same(here)
    assert undo(here, moved).state == State.DONE
    assert (reach(here, servers[0]), reach(here, servers[1])) == ([], [address.floating_ip_address])
    same(here)

    # Somebody else was faster, in the cloud itself.
    late = here.ask("disassociate-floating-ip", floating_ip_id=address.id, was_port_id=port.id)
    (other,) = sdk.ports(device_id=servers[0])
    sdk.update_ip(address.id, port_id=other.id)
    assert here.finish(late).code == "changed_meanwhile"
    assert sdk.get_ip(address.id).port_id == other.id
    same(here)


@pytest.mark.parametrize("part", ["network", "subnet", "router"])
def test_what_a_dead_worker_made_is_found_and_not_made_again(here: Here, outside: str, part: str) -> None:
    sdk, mine = here.project.sdk.network, here.project.sdk.current_project_id
    operation = here.ask("create-network", **SHOP, external_network_id=outside)
    words = {"name": "shop", "description": operation.pk, "project_id": mine}
    network = sdk.create_network(**words)
    memory: dict[str, Any] = {"network_id_sent_at": timezone.now().isoformat()}
    if part in ("subnet", "router"):
        subnet = sdk.create_subnet(**words, network_id=network.id, cidr="10.31.0.0/24", ip_version=4)
        memory |= {"network_id": network.id, "subnet_id_sent_at": timezone.now().isoformat()}
    if part == "router":
        sdk.create_router(**words, external_gateway_info={"network_id": outside})
        memory |= {"subnet_id": subnet.id, "router_id_sent_at": timezone.now().isoformat()}
    die(operation, **memory)
    assert here.finish(operation).state == State.DONE
    for found in (sdk.networks, sdk.subnets, sdk.routers):
        ours = [one for one in found(project_id=mine) if one.name.startswith("shop")]
        assert len(ours) == 1, found
        assert operation.pk not in ours[0].description
    same(here)


def test_an_address_that_a_dead_worker_allocated_is_found_and_not_allocated_again(here: Here, outside: str) -> None:
    sdk, mine = here.project.sdk.network, here.project.sdk.current_project_id
    operation = here.ask("allocate-floating-ip", network_id=outside, description="mail")
    sdk.create_ip(floating_network_id=outside, description=operation.pk, project_id=mine)
    die(operation, floating_ip_id_sent_at=timezone.now().isoformat())
    assert here.finish(operation).state == State.DONE
    assert [one.description for one in sdk.ips(project_id=mine)] == ["mail"]
    same(here)


def test_a_network_that_a_server_came_into_is_kept(here: Here, servers: list[str]) -> None:
    sdk = here.project.sdk.network
    network = made(here.do("create-network", **SHOP), "network")
    deleting = here.ask("delete-network", network_id=network)
    port = sdk.create_port(network_id=network, device_id=servers[0], device_owner="compute:nova")
    assert here.finish(deleting).code == "in_use"
    assert deleting.reason == "web-01 is in it by now. Nothing was deleted."
    sdk.delete_port(port)
    here.look()
    here.do("delete-network", network_id=network)


def test_the_shown_commands_do_the_same(devcloud: Devcloud, here: Here, servers: list[str], outside: str) -> None:
    """`openstack` itself accepts each of them and creates what we create."""
    sdk, mine = here.project.sdk.network, here.project.sdk.current_project_id

    def openstack(commands: Sequence[Command]) -> None:
        for command in commands:
            login = ["--os-cloud=north-admin", f"--os-project-name={here.project.name}"]
            words = shlex.split(line([*login, "--os-project-domain-id=default"], command))
            done = subprocess.run(
                [warm.folder() / "openstack", *words],
                env={"OS_CLIENT_CONFIG_FILE": str(devcloud.clouds_yaml), "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (words, done.stderr)

    def shown(verb: str, **params: Any) -> Sequence[Command]:
        action = ACTIONS[verb]
        wanted = action.params.model_validate(params)
        here.look()
        return commands_of(here.tenant, action, wanted)

    network = {**SHOP, "dns_servers": ["192.0.2.53"], "gateway": "10.31.0.9"}
    openstack(shown("create-network", **network, external_network_id=outside))
    (made_one,) = sdk.networks(name="shop", project_id=mine)
    (subnet,) = sdk.subnets(network_id=made_one.id)
    (router,) = sdk.routers(name="shop-router", project_id=mine)
    assert (made_one.description, subnet.gateway_ip, subnet.dns_nameservers) == (
        "The shop",
        "10.31.0.9",
        ["192.0.2.53"],
    )
    assert len(list(sdk.ports(device_id=router.id, network_id=made_one.id))) == 1
    openstack(shown("create-subnet", network_id=made_one.id, name="six", cidr="fd00:31::/64"))
    assert len(list(sdk.subnets(network_id=made_one.id, ip_version=6))) == 1
    openstack(shown("clear-router-gateway", router_id=router.id))
    openstack(shown("set-router-gateway", router_id=router.id, external_network_id=outside))
    openstack(shown("disconnect-subnet", router_id=router.id, subnet_id=subnet.id))
    openstack(shown("connect-subnet", router_id=router.id, subnet_id=subnet.id))
    here.look()
    openstack(leaving.commands(here.tenant, Subnet.objects.filter(tenant=here.tenant, external_id=subnet.id)))
    openstack(shown("edit-network", network_id=made_one.id, name="store", description="", was_name="shop"))

    here.look()
    plan = connecting.plan_of(here.tenant, connect_server.Params(server_id=servers[0]))
    assert plan.makes == ["interface", "floating-ip"]
    openstack(plan.commands())
    here.look()
    (address,) = reach(here, servers[0])
    floating = FloatingIP.objects.get(tenant=here.tenant, address=address).external_id
    openstack(shown("disassociate-floating-ip", floating_ip_id=floating))
    openstack(shown("associate-floating-ip", floating_ip_id=floating, server_id=servers[1]))
    here.look()
    assert reach(here, servers[1]) == [address]
    openstack(shown("release-floating-ip", floating_ip_id=floating))
    openstack(shown("allocate-floating-ip", network_id=outside, description="mail"))
    assert [one.description for one in sdk.ips(project_id=mine)] == ["mail"]
    openstack(shown("delete-subnet", subnet_id=next(sdk.subnets(network_id=made_one.id, ip_version=6)).id))
    openstack(shown("delete-network", network_id=made_one.id))
