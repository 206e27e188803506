"""Security groups of a running server changed by the real engine on a real cloud, checked with openstacksdk."""

import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.ui.commands import Command, line
from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations import turn
from projects.operations.asking import RefusedError
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, Project, enter, own_project, undo
from tests.operations_factory import die
from tests.support import warm
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]

State = Operation.State
SSH = {"protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "203.0.113.0/24", "description": "Office"}
RACES = 12


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud) as project:
        yield project


@pytest.fixture(scope="module")
def ports(project: Project) -> list[str]:
    """Return the ids of the two ports of one running server."""
    sdk = project.sdk
    second = sdk.network.create_network(name="backup-net")
    sdk.network.create_subnet(name="backup-v4", network_id=second.id, ip_version=4, cidr="10.31.0.0/24")
    server = sdk.compute.create_server(
        name="web-01",
        flavor_id=sdk.compute.find_flavor("m1.tiny").id,
        image_id=sdk.image.find_image("cirros-0.6").id,
        networks=[{"uuid": project.network_id}, {"uuid": second.id}],
    )
    sdk.compute.wait_for_server(server, interval=0.3)
    found = {port.network_id: port.id for port in sdk.network.ports(device_id=server.id)}
    return [found[project.network_id], found[second.id]]


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, project: Project, ports: list[str]) -> Here:
    return enter(devcloud, issuer, project)


def group(here: Here, *rules: dict[str, Any], name: str = "") -> str:
    """Create a group; return its id."""
    operation = here.do("create-security-group", name=name or f"g-{uuid4().hex[:6]}", rules=list(rules))
    return str(operation.targets.get(kind="securitygroup").external_id)


def on(here: Here, port_id: str) -> set[str]:
    """Return the groups that the cloud has on the port."""
    return set(here.project.sdk.network.get_port(port_id).security_group_ids)


def change(here: Here, port_id: str, wanted: set[str], seen: set[str] | None = None) -> Operation:
    """Request these groups on the port, based on those that the inventory shows."""
    port = Port.objects.get(tenant=here.tenant, external_id=port_id)
    known = sorted(port.security_group_ids) if seen is None else sorted(seen)
    ids = {"server_id": port.device_id, "port_id": port_id}
    return here.ask("set-port-groups", **ids, group_ids=sorted(wanted), seen=known)


def same(here: Here) -> None:
    """Check that the rows of ports, groups and rules equal openstacksdk's view, without a refresh."""
    network, mine = here.project.sdk.network, here.project.sdk.current_project_id
    assert {one.id: set(one.security_group_ids) for one in network.ports(project_id=mine) if one.device_id} == {
        one.external_id: set(one.security_group_ids)
        for one in Port.objects.filter(tenant=here.tenant).exclude(device_id="")
    }
    assert {one.id: (one.name, one.description) for one in network.security_groups(project_id=mine)} == {
        one.external_id: (one.name, one.description) for one in SecurityGroup.objects.filter(tenant=here.tenant)
    }
    assert {
        one.id: (
            *(one.security_group_id, one.direction, one.ether_type, one.protocol or "", one.port_range_min),
            *(one.port_range_max, one.remote_ip_prefix or "", one.remote_group_id or "", one.description or ""),
        )
        for one in network.security_group_rules(project_id=mine)
    } == {
        one.external_id: (
            *(one.group_id, one.direction, one.ethertype, one.protocol, one.port_min),
            *(one.port_max, one.remote_cidr, one.remote_group_id, one.description),
        )
        for one in SecurityGroupRule.objects.filter(tenant=here.tenant)
    }


def test_groups_of_one_port_change_at_once_and_back(here: Here, ports: list[str]) -> None:
    first, second = ports
    before, other = on(here, first), on(here, second)
    web = group(here, SSH)
    operation = here.finish(change(here, first, {web}))
    assert operation.state == State.DONE, operation.reason
    assert operation.attempts == 1
    assert (on(here, first), on(here, second)) == ({web}, other)
    same(here)
    named = {one["id"] for one in Server.objects.get(tenant=here.tenant).security_groups}
    assert named == {web} | other

    assert undo(here, operation).state == State.DONE
    assert on(here, first) == before
    same(here)
    here.do("delete-security-group", group_id=web)


def test_a_port_without_any_group(here: Here, ports: list[str]) -> None:
    before = on(here, ports[0])
    operation = here.finish(change(here, ports[0], set()))
    assert on(here, ports[0]) == set()
    same(here)
    undo(here, operation)
    assert on(here, ports[0]) == before


def test_the_second_of_two_people_changes_nothing_and_is_told(here: Here, ports: list[str]) -> None:
    before = on(here, ports[0])
    web, db = group(here, name="web"), group(here, name="db")
    first, second = change(here, ports[0], before | {web}), change(here, ports[0], before | {db})
    assert turn.turn(second.pk) == 0.3  # after the other one
    here.finish(first)
    here.finish(second)
    assert (first.state, second.state, second.code) == (State.DONE, State.FAILED, "changed_meanwhile")
    assert "web was added" in second.reason
    assert on(here, ports[0]) == before | {web}
    same(here)  # and so the second one sees it
    with pytest.raises(RefusedError, match="web was added"):
        change(here, ports[0], before | {db}, seen=before)
    undo(here, first)
    for one in (web, db):
        here.do("delete-security-group", group_id=one)


def test_somebody_at_the_cloud_itself_is_never_overwritten(here: Here, ports: list[str]) -> None:
    """Races with somebody else's write at each of our steps: a later write that we have not seen stands."""
    before = on(here, ports[0])
    web, theirs = group(here), group(here)
    ended = set()
    for number in range(RACES):
        operation = change(here, ports[0], before | {web}, seen=before)

        def other(delay: float = number * 0.02) -> None:
            time.sleep(delay)
            here.project.sdk.network.update_port(ports[0], security_group_ids=[theirs])

        somebody = threading.Thread(target=other)
        somebody.start()
        here.finish(operation)
        somebody.join()
        ended.add((operation.state, operation.code))
        assert on(here, ports[0]) == {theirs}, (number, operation.state)
        here.project.sdk.network.update_port(ports[0], security_group_ids=sorted(before))
        here.look()
    assert ended <= {(State.DONE, ""), (State.FAILED, "changed_meanwhile")}
    for one in (web, theirs):
        here.do("delete-security-group", group_id=one)


def test_a_worker_that_died_between_is_followed_by_one_that_looks(here: Here, ports: list[str]) -> None:
    before = on(here, ports[0])
    web = group(here)
    operation = change(here, ports[0], before | {web})
    die(operation, revision=here.project.sdk.network.get_port(ports[0]).revision_number)
    here.project.sdk.network.update_port(ports[0], security_group_ids=sorted(before | {web}))  # ours, unanswered
    revision = here.project.sdk.network.get_port(ports[0]).revision_number
    assert here.finish(operation).state == State.DONE
    assert here.project.sdk.network.get_port(ports[0]).revision_number == revision
    same(here)
    undo(here, operation)
    here.do("delete-security-group", group_id=web)


def test_a_group_lives_from_its_creation_to_its_end(here: Here) -> None:
    network = here.project.sdk.network
    ping = {"protocol": "icmp", "ethertype": "IPv6", "port_min": 128, "port_max": 0}
    operation = here.do("create-security-group", name="shop", description="The shop", rules=[SSH, ping])
    shop = str(operation.targets.get().external_id)
    seen = network.get_security_group(shop)
    assert (seen.name, seen.description, len(seen.security_group_rules)) == ("shop", "The shop", 4)
    same(here)

    words = {"was_name": "shop", "was_description": "The shop"}
    renamed = here.do("edit-security-group", group_id=shop, name="store", description="", **words)
    assert network.get_security_group(shop).name == "store"
    same(here)
    undo(here, renamed)
    assert network.get_security_group(shop).description == "The shop"
    same(here)

    (office,) = (one for one in network.security_group_rules(security_group_id=shop) if one.protocol == "tcp")
    removed = here.do("remove-security-group-rules", group_id=shop, rule_ids=[office.id])
    assert network.find_security_group_rule(office.id) is None
    same(here)
    undo(here, removed)
    (back,) = (one for one in network.security_group_rules(security_group_id=shop) if one.protocol == "tcp")
    assert (back.remote_ip_prefix, back.description) == ("203.0.113.0/24", "Office")
    same(here)

    db = group(here, {"protocol": "tcp", "port_min": 5432, "port_max": 5432, "remote_group_id": shop})
    here.do("delete-security-group", group_id=shop)
    assert network.find_security_group(shop) is None
    same(here)  # the rule of db that named it was deleted too, in the cloud and in the rows
    here.do("delete-security-group", group_id=db)
    same(here)


def test_rules_are_the_same_in_whatever_words_and_added_once(here: Here) -> None:
    wanted: list[dict[str, Any]] = [
        {"protocol": "6", "port_min": 80, "port_max": 80},
        {"protocol": "TCP", "port_min": 443, "port_max": 443, "remote_cidr": "0.0.0.0/0"},
        {"protocol": "tcp", "port_min": 1, "port_max": 65535, "remote_cidr": "10.0.0.9"},
        {"protocol": "udp", "port_min": 53, "port_max": 53, "remote_cidr": "10.1.2.3/16", "direction": "egress"},
        {"protocol": "icmp", "ethertype": "IPv6"},
        {"protocol": "icmp", "port_min": 8, "port_max": 0},
        {"protocol": "47"},
        {"protocol": "112", "remote_cidr": "192.0.2.0/24"},
        {"protocol": "any", "ethertype": "IPv6", "remote_cidr": "2001:DB8::/32"},
    ]
    group_id = group(here)
    added = here.do("add-security-group-rules", group_id=group_id, rules=wanted)
    assert added.note == ""
    assert len(added.memory["made"]) == len(wanted)
    assert "there" not in added.memory  # what is the same for the cloud is the same for us
    same(here)
    with pytest.raises(RefusedError, match="has these already"):
        here.ask("add-security-group-rules", group_id=group_id, rules=wanted)

    SecurityGroupRule.objects.filter(tenant=here.tenant, group_id=group_id).delete()  # as if nobody had looked yet
    again = here.do("add-security-group-rules", group_id=group_id, rules=wanted)
    assert again.note == "They were there already."
    same(here)
    undo(here, added)
    assert len(list(here.project.sdk.network.security_group_rules(security_group_id=group_id))) == 2
    same(here)
    here.do("delete-security-group", group_id=group_id)


def test_a_group_that_was_made_before_the_worker_died_is_found(here: Here) -> None:
    operation = here.ask("create-security-group", name="late", rules=[SSH])
    made = here.project.sdk.network.create_security_group(name="late", description=operation.pk)
    die(operation, group_id_sent_at=timezone.now().isoformat())
    assert here.finish(operation).state == State.DONE
    assert [one.id for one in here.project.sdk.network.security_groups(name="late")] == [made.id]
    same(here)
    here.do("delete-security-group", group_id=made.id)


def test_a_group_that_is_in_use_stays_also_where_only_the_cloud_knows(here: Here, ports: list[str]) -> None:
    web = group(here)
    before = on(here, ports[0])
    here.finish(change(here, ports[0], before | {web}))
    with pytest.raises(RefusedError, match="1 server uses it"):
        here.ask("delete-security-group", group_id=web)
    Port.objects.filter(external_id=ports[0]).update(security_group_ids=sorted(before))
    operation = here.finish(here.ask("delete-security-group", group_id=web))
    assert (operation.state, operation.code) == (State.FAILED, "conflict")
    assert here.project.sdk.network.get_security_group(web)
    here.project.sdk.network.update_port(ports[0], security_group_ids=sorted(before))
    here.do("delete-security-group", group_id=web)


def test_who_edits_a_name_second_is_told_what_changed(here: Here) -> None:
    group_id = group(here, name="first")
    words = {"group_id": group_id, "was_name": "first", "was_description": ""}
    mine = here.ask("edit-security-group", name="mine", **words)
    theirs = here.ask("edit-security-group", name="theirs", **words)
    here.finish(mine)
    assert here.finish(theirs).code == "changed_meanwhile"
    assert here.project.sdk.network.get_security_group(group_id).name == "mine"
    here.do("delete-security-group", group_id=group_id)


def test_the_commands_beside_the_forms_do_the_same(here: Here, devcloud: Devcloud, ports: list[str]) -> None:
    def cli(command: Command) -> None:
        words = shlex.split(line(["--os-cloud=north-admin", f"--os-project-name={here.project.name}"], command))
        done = subprocess.run(
            [warm.folder() / "openstack", *words],
            env={"OS_CLIENT_CONFIG_FILE": str(devcloud.clouds_yaml), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)

    def rules_of(group_id: str) -> set[tuple[Any, ...]]:
        found = here.project.sdk.network.security_group_rules(security_group_id=group_id)
        return {
            (
                *(one.direction, one.ether_type, one.protocol, one.port_range_min, one.port_range_max),
                *(one.remote_ip_prefix, one.remote_group_id, one.description),
            )
            for one in found
        }

    source = group(here, name="source")
    many = {"protocol": "tcp", "port_min": 8000, "port_max": 8100, "remote_group_id": source}
    ping = {"protocol": "icmp", "ethertype": "IPv6", "port_min": 128, "port_max": 0, "remote_cidr": "2001:db8::/32"}
    out = {"direction": "egress", "protocol": "udp", "port_min": 53, "port_max": 53, "remote_cidr": "192.0.2.53/32"}
    by_us = group(here, SSH, many, ping, out, name="by-us")
    action = ACTIONS["create-security-group"]
    params = action.params.model_validate({"name": "by-them", "rules": [SSH, many, ping, out]})
    for command in action.commands(params, {source: "source"}):
        cli(command)
    by_them = here.project.sdk.network.find_security_group("by-them").id
    assert rules_of(by_them) == rules_of(by_us)

    here.look()
    before = on(here, ports[0])
    setting = ACTIONS["set-port-groups"]
    ids = {"server_id": "", "port_id": ports[0], "group_ids": [by_us], "seen": sorted(before)}
    for command in setting.commands(setting.params.model_validate(ids), {by_us: "by-us"}):
        cli(command)
    assert on(here, ports[0]) == {by_us}
    here.project.sdk.network.update_port(ports[0], security_group_ids=sorted(before))
    here.look()
    for one in (by_us, by_them, source):
        here.do("delete-security-group", group_id=one)
