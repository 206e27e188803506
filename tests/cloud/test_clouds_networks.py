"""The lifecycle of security groups, networks, routers and floating IPs on a real cloud."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from openstack.connection import Connection as SdkConnection

from clouds import errors
from clouds.openstack import floating_ips, networks, routers, security_groups
from clouds.openstack.inventory import network as inventory
from clouds.openstack.security_groups import Added, NewRule
from clouds.openstack.session import Connection
from tests.cloud.clouds import ours
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.projects import own_project

pytestmark = CLOUD

SSH = NewRule("ingress", "IPv4", "tcp", 22, 22, remote_cidr="203.0.113.0/24", description="office")


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[SdkConnection]:
    with own_project(devcloud) as connection:
        yield connection


@pytest.fixture(scope="module")
def member(project: SdkConnection) -> Iterator[Connection]:
    with ours(project) as mine:
        yield mine


@pytest.fixture(scope="module")
def outside(member: Connection) -> str:
    """Return the external network's id."""
    return next(one.external_id for one in inventory.list_networks(member) if one.external)


@pytest.fixture
def mark(member: Connection) -> Iterator[str]:
    """Return a mark; delete what carries it at the end, with its dependants."""
    name = f"op-{uuid4()}"
    yield name
    for address in floating_ips.find_marked(member, name):
        floating_ips.release(member, address.external_id)
    for router in routers.find_marked(member, name):
        for port in routers.ports_of(member, router.external_id):
            routers.remove_interface(member, router.external_id, port.fixed_ips[0].subnet_id)
        routers.delete(member, router.external_id)
    for network in networks.find_marked(member, name):
        networks.delete(member, network.external_id)
    for group in security_groups.find_marked(member, name):
        security_groups.delete(member, group.external_id)


def test_a_security_group_lives(member: Connection, mark: str) -> None:
    group_id = security_groups.create(member, name="web", mark=mark)
    seen = security_groups.get(member, group_id)
    assert (seen.name, seen.description) == ("web", mark)
    assert security_groups.find_marked(member, mark) == [seen]
    assert {rule.direction for rule in seen.rules} == {"egress"}

    renamed = security_groups.update(member, group_id, name="www", description="for us")
    assert (renamed.name, renamed.description) == ("www", "for us")
    assert security_groups.find_marked(member, mark) == []
    assert security_groups.update(member, group_id, description="").name == "www"

    security_groups.delete(member, group_id)
    for look in (security_groups.get, security_groups.delete):
        with pytest.raises(errors.NotFound):
            look(member, group_id)
    assert security_groups.rules_of(member, group_id) == []


def test_a_rule_is_added_once_and_removed(member: Connection, mark: str) -> None:
    group_id = security_groups.create(member, name="web", mark=mark)
    added = security_groups.add_rule(member, group_id, SSH)
    assert added.new
    seen = next(rule for rule in security_groups.rules_of(member, group_id) if rule.external_id == added.rule_id)
    assert (seen.direction, seen.ethertype, seen.protocol, seen.port_min, seen.port_max) == (
        "ingress",
        "IPv4",
        "tcp",
        22,
        22,
    )
    assert (seen.remote_cidr, seen.remote_group_id, seen.description) == ("203.0.113.0/24", "", "office")
    assert seen in security_groups.get(member, group_id).rules

    assert security_groups.add_rule(member, group_id, SSH) == Added(added.rule_id, new=False)
    other_words = NewRule("ingress", "IPv4", "tcp", 22, 22, remote_cidr="203.0.113.0/24", description="home")
    assert security_groups.add_rule(member, group_id, other_words) == Added(added.rule_id, new=False)

    security_groups.remove_rule(member, added.rule_id)
    with pytest.raises(errors.NotFound):
        security_groups.remove_rule(member, added.rule_id)
    assert security_groups.add_rule(member, group_id, SSH).new


@pytest.mark.parametrize(
    "rule",
    [
        NewRule("ingress", "IPv4"),
        NewRule("egress", "IPv6", "udp", 53, 54, remote_cidr="2001:db8::/32"),
        NewRule("ingress", "IPv4", "icmp", 8, 0),
        NewRule("ingress", "IPv4", "icmp", 8),
        NewRule("ingress", "IPv6", "ipv6-icmp"),
        NewRule("ingress", "IPv4", "tcp", 80, 443, remote_cidr="0.0.0.0/0"),
        NewRule("ingress", "IPv4", "112", remote_cidr="10.0.0.1/32"),
    ],
)
def test_all_kinds_of_rules_can_be_added(member: Connection, mark: str, rule: NewRule) -> None:
    group_id = security_groups.create(member, name="web", mark=mark)
    rule_id = security_groups.add_rule(member, group_id, rule).rule_id
    seen = next(one for one in security_groups.rules_of(member, group_id) if one.external_id == rule_id)
    for field in ("direction", "ethertype", "protocol", "port_min", "port_max", "remote_cidr", "description"):
        assert getattr(seen, field) == getattr(rule, field)


def test_a_rule_may_name_a_group_and_must_fit_itself(member: Connection, mark: str) -> None:
    group_id = security_groups.create(member, name="db", mark=mark)
    own = NewRule("ingress", "IPv4", "tcp", 5432, 5432, remote_group_id=group_id)
    rule_id = security_groups.add_rule(member, group_id, own).rule_id
    assert [
        rule.remote_group_id for rule in security_groups.rules_of(member, group_id) if rule.external_id == rule_id
    ] == [group_id]
    for wrong in (
        NewRule("ingress", "IPv6", remote_cidr="10.0.0.0/8"),
        NewRule("ingress", "IPv4", "tcp", 90, 80),
        NewRule("ingress", "IPv4", "tcp", 80, 80, remote_cidr="10.0.0.0/8", remote_group_id=group_id),
        NewRule("ingress", "IPv4", remote_cidr="nowhere"),
    ):
        with pytest.raises(errors.Invalid):
            security_groups.add_rule(member, group_id, wrong)
    with pytest.raises(errors.NotFound):
        security_groups.add_rule(member, str(uuid4()), SSH)


def test_of_two_people_who_change_a_group_the_second_is_told(member: Connection, mark: str) -> None:
    group_id = security_groups.create(member, name="web", mark=mark)
    seen = security_groups.get(member, group_id)
    assert seen.revision is not None
    security_groups.update(member, group_id, name="first", revision=seen.revision)
    with pytest.raises(errors.Conflict):
        security_groups.update(member, group_id, name="second", revision=seen.revision)
    again = security_groups.get(member, group_id)
    assert again.name == "first"
    security_groups.add_rule(member, group_id, SSH)
    with pytest.raises(errors.Conflict):
        security_groups.update(member, group_id, name="second", revision=again.revision)
    assert security_groups.update(member, group_id, name="second").name == "second"


def test_a_group_that_a_port_uses_stays(project: SdkConnection, member: Connection, mark: str) -> None:
    group_id = security_groups.create(member, name="web", mark=mark)
    network_id = networks.create(member, name="net", mark=mark)
    port = project.network.create_port(network_id=network_id, security_groups=[group_id])
    with pytest.raises(errors.Conflict):
        security_groups.delete(member, group_id)
    with pytest.raises(errors.Conflict):
        networks.delete(member, network_id)
    project.network.delete_port(port)


def test_more_than_the_project_may_have_is_its_quota(
    devcloud: Devcloud, project: SdkConnection, member: Connection, outside: str, mark: str
) -> None:
    network_id = networks.create(member, name="net", mark=mark)
    group_id = security_groups.create(member, name="web", mark=mark)
    admin = devcloud.connect("north-admin").network
    measures = ("networks", "subnets", "routers", "floating_ips", "security_groups", "security_group_rules")
    quota = admin.get_quota(member.project_id, details=True)
    admin.update_quota(member.project_id, **{measure: quota[measure]["used"] for measure in measures})
    try:
        for create in (
            lambda: networks.create(member, name="more", mark=mark),
            lambda: networks.create_subnet(member, network_id=network_id, name="more", cidr="10.9.0.0/24", mark=mark),
            lambda: routers.create(member, name="more", mark=mark),
            lambda: floating_ips.allocate(member, network_id=outside, mark=mark),
            lambda: security_groups.create(member, name="more", mark=mark),
            lambda: security_groups.add_rule(member, group_id, SSH),
        ):
            with pytest.raises(errors.QuotaExceeded):
                create()
    finally:
        admin.delete_quota(member.project_id)


def test_a_network_with_a_subnet_lives(member: Connection, mark: str) -> None:
    network_id = networks.create(member, name="app", mark=mark)
    seen = networks.get(member, network_id)
    assert (seen.name, seen.description, seen.owned, seen.external) == ("app", mark, True, False)
    assert networks.find_marked(member, mark) == [seen]
    assert seen in inventory.list_networks(member)

    subnet_id = networks.create_subnet(
        member, network_id=network_id, name="app", cidr="10.9.0.0/24", dns_servers=["192.0.2.53"], mark=mark
    )
    subnet = networks.get_subnet(member, subnet_id)
    assert (subnet.name, subnet.description, subnet.network_id, subnet.cidr) == ("app", mark, network_id, "10.9.0.0/24")
    assert (subnet.gateway, subnet.dhcp, subnet.dns_servers) == ("10.9.0.1", True, ["192.0.2.53"])
    assert networks.find_marked_subnets(member, mark) == [subnet]
    with pytest.raises(errors.Invalid):
        networks.create_subnet(member, network_id=network_id, name="overlaps", cidr="10.9.0.0/25", mark=mark)

    changed = networks.update_subnet(member, subnet_id, name="web", description="ours", dhcp=False, dns_servers=[])
    assert (changed.name, changed.description, changed.dhcp, changed.dns_servers) == ("web", "ours", False, [])
    assert networks.find_marked_subnets(member, mark) == []
    renamed = networks.update(member, network_id, name="web", description="ours")
    assert (renamed.name, renamed.description, renamed.owned) == ("web", "ours", True)
    assert networks.find_marked(member, mark) == []

    networks.delete_subnet(member, subnet_id)
    for look in (networks.get_subnet, networks.delete_subnet):
        with pytest.raises(errors.NotFound):
            look(member, subnet_id)
    networks.delete(member, network_id)
    for look in (networks.get, networks.delete):
        with pytest.raises(errors.NotFound):
            look(member, network_id)


def test_subnets_without_a_gateway_and_of_ipv6(member: Connection, mark: str) -> None:
    network_id = networks.create(member, name="app", mark=mark)
    closed = networks.create_subnet(
        member, network_id=network_id, name="closed", cidr="10.9.0.0/24", gateway="", dhcp=False, mark=mark
    )
    assert (networks.get_subnet(member, closed).gateway, networks.get_subnet(member, closed).dhcp) == ("", False)
    other = networks.create_subnet(
        member, network_id=network_id, name="other", cidr="10.9.1.0/24", gateway="10.9.1.254", mark=mark
    )
    assert networks.get_subnet(member, other).gateway == "10.9.1.254"
    six = networks.create_subnet(
        member, network_id=network_id, name="six", cidr="2001:db8:9::/64", ipv6_mode="slaac", mark=mark
    )
    assert networks.get_subnet(member, six).ip_version == 6


def test_a_foreign_network_is_not_owned(member: Connection, outside: str) -> None:
    seen = networks.get(member, outside)
    assert (seen.owned, seen.external) == (False, True)


def test_a_router_leads_out_and_a_floating_ip_leads_in(
    project: SdkConnection, member: Connection, outside: str, mark: str
) -> None:
    network_id = networks.create(member, name="app", mark=mark)
    subnet_id = networks.create_subnet(member, network_id=network_id, name="app", cidr="10.9.0.0/24", mark=mark)
    port = project.network.create_port(network_id=network_id, fixed_ips=[{"subnet_id": subnet_id}] * 2)
    first, second = (one["ip_address"] for one in port.fixed_ips)
    floating_ip_id = floating_ips.allocate(member, network_id=outside, mark=mark)
    seen = floating_ips.get(member, floating_ip_id)
    assert (seen.description, seen.network_id, seen.port_id) == (mark, outside, "")
    assert floating_ips.find_marked(member, mark) == [seen]
    assert floating_ips.update(member, floating_ip_id, description="web").description == "web"
    floating_ips.update(member, floating_ip_id, description=mark)

    with pytest.raises(errors.Conflict) as caught:
        floating_ips.associate(member, floating_ip_id, port_id=port.id, fixed_address=first)
    assert "no router" in caught.value.reason
    assert caught.value.request_id

    router_id = routers.create(member, name="router", mark=mark)
    assert routers.find_marked(member, mark) == [routers.get(member, router_id)]
    assert routers.get(member, router_id).external_network_id == ""
    assert routers.set_gateway(member, router_id, outside).external_network_id == outside
    assert routers.set_gateway(member, router_id, outside).external_network_id == outside  # idempotent
    assert routers.ports_of(member, router_id) == []
    port_id = routers.add_interface(member, router_id, subnet_id)
    (interface,) = routers.ports_of(member, router_id)
    assert {one.external_id for one in networks.ports_of(member, network_id)} == {port.id, port_id}
    assert (interface.external_id, interface.fixed_ips[0].subnet_id) == (port_id, subnet_id)
    assert interface.fixed_ips[0].address == "10.9.0.1"
    with pytest.raises(errors.Conflict):
        routers.add_interface(member, router_id, subnet_id)

    led = floating_ips.associate(member, floating_ip_id, port_id=port.id, fixed_address=second)
    assert (led.port_id, led.fixed_address, led.router_id) == (port.id, second, router_id)
    again = floating_ips.associate(member, floating_ip_id, port_id=port.id, fixed_address=second)
    assert again.port_id == port.id  # idempotent
    with pytest.raises(errors.Invalid):
        floating_ips.associate(member, floating_ip_id, port_id=port.id, fixed_address="10.9.0.250")
    with pytest.raises(errors.NotFound):
        floating_ips.associate(member, floating_ip_id, port_id=str(uuid4()))
    for refused in (
        lambda: routers.clear_gateway(member, router_id),
        lambda: routers.remove_interface(member, router_id, subnet_id),
        lambda: routers.delete(member, router_id),
    ):
        with pytest.raises(errors.Conflict):
            refused()

    assert led.revision is not None
    for late in (
        lambda: floating_ips.disassociate(member, floating_ip_id, revision=led.revision - 1),
        lambda: floating_ips.associate(member, floating_ip_id, port_id=port.id, fixed_address=first, revision=0),
    ):
        with pytest.raises(errors.Conflict):
            late()
    assert floating_ips.get(member, floating_ip_id).fixed_address == second
    now = floating_ips.get(member, floating_ip_id).revision
    assert floating_ips.disassociate(member, floating_ip_id, revision=now).port_id == ""
    assert floating_ips.disassociate(member, floating_ip_id).port_id == ""
    floating_ips.release(member, floating_ip_id)
    for look in (floating_ips.get, floating_ips.release):
        with pytest.raises(errors.NotFound):
            look(member, floating_ip_id)

    assert routers.clear_gateway(member, router_id).external_network_id == ""
    assert routers.clear_gateway(member, router_id).external_network_id == ""
    routers.remove_interface(member, router_id, subnet_id)
    assert routers.ports_of(member, router_id) == []
    with pytest.raises(errors.NotFound):
        routers.remove_interface(member, router_id, subnet_id)
    assert routers.update(member, router_id, name="way out", description="ours").name == "way out"
    routers.delete(member, router_id)
    for look in (routers.get, routers.delete):
        with pytest.raises(errors.NotFound):
            look(member, router_id)
    project.network.delete_port(port)


def test_a_router_may_have_its_gateway_from_the_beginning(member: Connection, outside: str, mark: str) -> None:
    router_id = routers.create(member, name="router", external_network_id=outside, mark=mark)
    seen = routers.get(member, router_id)
    assert seen.external_network_id == outside
    assert len(seen.external_addresses) == 1
    network_id = networks.create(member, name="inside", mark=mark)
    with pytest.raises(errors.Invalid):
        routers.set_gateway(member, router_id, network_id)
    with pytest.raises(errors.Invalid):
        floating_ips.allocate(member, network_id=network_id, mark=mark)


def test_a_reader_changes_nothing(devcloud: Devcloud) -> None:
    with devcloud.connect("north-atlas-reader") as connection, ours(connection) as reader:
        group = inventory.list_security_groups(reader)[0]
        address = inventory.list_floating_ips(reader)[0]
        mark = f"op-{uuid4()}"
        for change in (
            lambda: security_groups.create(reader, name="none", mark=mark),
            lambda: security_groups.update(reader, group.external_id, description="none"),
            lambda: security_groups.add_rule(reader, group.external_id, SSH),
            lambda: networks.create(reader, name="none", mark=mark),
            lambda: routers.create(reader, name="none", mark=mark),
            lambda: floating_ips.allocate(reader, network_id=address.network_id, mark=mark),
            lambda: floating_ips.disassociate(reader, address.external_id),
            lambda: floating_ips.release(reader, address.external_id),
        ):
            with pytest.raises(errors.Forbidden):
                change()
