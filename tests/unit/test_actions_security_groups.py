"""Security groups: made, named and deleted once, whoever else is at it."""

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation, Tenant
from services.compute.models import Server
from services.network.models import Port, SecurityGroup, SecurityGroupRule
from services.openstack.words import Measure
from tests.operations_factory import die
from tests.unit import group_rows
from tests.unit.clouds_neutron import V2, Neutron, rule
from tests.unit.group_rows import HTTP, SSH
from tests.unit.running import ask, done, go, refusals, undo

pytestmark = pytest.mark.django_db

CREATE, EDIT, DELETE = "create-security-group", "edit-security-group", "delete-security-group"
OUT = [("egress", "", None, ""), ("egress", "", None, "")]


@pytest.fixture
def neutron(requests_mock: requests_mock.Mocker) -> Neutron:
    return group_rows.make_neutron(requests_mock)


@pytest.fixture
def tenant(neutron: Neutron) -> Tenant:
    return group_rows.make_tenant(neutron)


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    return group_rows.make_visit(tenant)


def test_a_group_is_made_with_its_rules_and_its_own_words(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, CREATE, name="ssh-office", description="Office", rules=[SSH, HTTP])
    made = neutron.group(operation.memory["group_id"])
    assert (made["name"], made["description"]) == ("ssh-office", "Office")
    assert neutron.rules(made["id"]) == [
        *OUT,
        ("ingress", "tcp", 22, "203.0.113.0/24"),
        ("ingress", "tcp", 80, "0.0.0.0/0"),
    ]
    row = SecurityGroup.objects.get(name="ssh-office")
    assert row.description == "Office"
    assert SecurityGroupRule.objects.filter(group_id=row.external_id).count() == 4
    assert operation.targets.get().external_id == row.external_id
    assert [step["key"] for step in operation.steps] == ["create", "rules"]


def test_a_group_without_words_has_none(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, CREATE, name="plain")
    assert neutron.group(operation.memory["group_id"])["description"] == ""


def test_a_worker_that_died_after_making_the_group_is_followed_by_one_that_finds_it(
    visit: Visit, neutron: Neutron
) -> None:
    operation = ask(visit, CREATE, name="ssh-office", description="Office", rules=[SSH])
    neutron.has_group("made-before", "ssh-office", description=operation.pk)
    die(operation, group_id_sent_at=timezone.now().isoformat())
    assert go(operation).state == Operation.State.DONE
    assert neutron.group("made-before")["description"] == "Office"
    assert neutron.rules("made-before") == [("ingress", "tcp", 22, "203.0.113.0/24")]
    assert sum(one["name"] == "ssh-office" for one in neutron.cloud.groups) == 1


def test_a_worker_that_died_between_two_rules_is_followed_by_one_that_adds_the_second(
    visit: Visit, neutron: Neutron
) -> None:
    operation = ask(visit, CREATE, name="ssh-office", rules=[SSH, HTTP])
    first = rule("mine", protocol="tcp", port_range_min=22, port_range_max=22, remote_ip_prefix="203.0.113.0/24")
    neutron.has_group("mine", "ssh-office", first)
    die(operation, group_id="mine")
    assert go(operation).state == Operation.State.DONE
    assert len(neutron.rules("mine")) == 2
    assert neutron.changes == [("POST", "/security-group-rules")]


def test_a_quota_that_ends_half_way_says_what_stands(visit: Visit, neutron: Neutron) -> None:
    over = {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['security_group_rule']."}}
    neutron.cloud.mock.post(f"{V2}/security-group-rules", status_code=409, json=over)
    operation = go(ask(visit, CREATE, name="ssh-office", rules=[SSH]))
    assert (operation.state, operation.code) == (Operation.State.FAILED, "quota_exceeded")
    assert operation.note == "The group ssh-office was made and is kept, with the rules that it has by now."


def test_what_can_not_be_made_is_refused_at_its_field(visit: Visit, tenant: Tenant) -> None:
    Limit.objects.create(tenant=tenant, measure=Measure.SECURITY_GROUPS, used=10, allowed=10)
    Limit.objects.create(tenant=tenant, measure=Measure.SECURITY_GROUP_RULES, used=98, allowed=100)
    found = refusals(visit, CREATE, name="default", rules=[SSH | {"protocol": "teleport"}])
    assert [field for field, _reason in found] == ["name", "rules", "name", "rules"]
    reasons = " ".join(reason for _field, reason in found)
    assert "atlas has no security groups left in north: all 10 are in use." in reasons
    assert "3 more security group rules are wanted, and atlas has 2 of 100 left in north." in reasons
    assert "teleport is no protocol" in reasons


def test_what_it_takes_of_the_limits_counts_the_rules_that_the_cloud_adds(tenant: Tenant) -> None:
    wanted = ACTIONS[CREATE].params.model_validate({"name": "one", "rules": [SSH]})
    assert ACTIONS[CREATE].costs(tenant, wanted) == {Measure.SECURITY_GROUPS: 1, Measure.SECURITY_GROUP_RULES: 3}


NAMES = {"group_id": "web", "was_name": "web-public", "was_description": "The shop"}


def test_a_group_is_renamed_and_back(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, EDIT, **NAMES, name="www", description="The shop")
    assert neutron.group("web")["name"] == "www"
    (put,) = [one for one in neutron.cloud.mock.request_history if one.method == "PUT"]
    assert put.json() == {"security_group": {"name": "www"}}
    assert put.headers["If-Match"] == "revision_number=1"
    assert SecurityGroup.objects.get(external_id="web").name == "www"
    assert undo(visit, operation).state == Operation.State.DONE
    assert neutron.group("web")["name"] == "web-public"


def test_the_second_editor_sees_what_the_first_one_wrote(visit: Visit, neutron: Neutron) -> None:
    first = ask(visit, EDIT, **NAMES, name="www", description="The shop")
    second = ask(visit, EDIT, **NAMES, name="web-public", description="Ours")
    assert go(first).state == Operation.State.DONE
    go(second)
    assert (second.state, second.code) == (Operation.State.FAILED, "changed_meanwhile")
    assert "its name is now “www”" in second.reason
    assert neutron.group("web")["description"] == "The shop"
    ((field, reason),) = refusals(visit, EDIT, **NAMES, name="shop", description="The shop")
    assert (field, "“www”" in reason) == ("", True)


def test_a_change_between_look_and_write_of_a_name_is_not_overwritten(visit: Visit, neutron: Neutron) -> None:
    def somebody(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        neutron.group("web").update(name="theirs", revision_number=2)

    neutron.before = somebody
    operation = go(ask(visit, EDIT, **NAMES, name="www", description="The shop"))
    assert operation.code == "changed_meanwhile"
    assert neutron.group("web")["name"] == "theirs"


def test_a_rule_that_comes_between_look_and_write_is_no_obstacle_for_a_name(visit: Visit, neutron: Neutron) -> None:
    def somebody(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        neutron.group("web")["revision_number"] += 1

    neutron.before = somebody
    done(visit, EDIT, **NAMES, name="www", description="The shop")
    assert neutron.group("web")["name"] == "www"


def test_a_name_that_was_written_before_the_worker_died_is_seen(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, EDIT, **NAMES, name="www", description="The shop")
    die(operation, revision=1)
    neutron.group("web").update(name="www", revision_number=2)
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []


def test_the_default_group_keeps_its_name_and_may_be_described(visit: Visit, neutron: Neutron) -> None:
    SecurityGroup.objects.filter(external_id="web").update(name="default")
    neutron.group("web")["name"] = "default"
    was = NAMES | {"was_name": "default"}
    assert refusals(visit, EDIT, **was, name="other", description="The shop")[0][0] == "name"
    done(visit, EDIT, **was, name="default", description="Ours")
    assert refusals(visit, DELETE, group_id="web") == [
        ("", "The group “default” belongs to the project and can't be deleted.")
    ]


def test_a_group_goes_with_its_rules_and_with_those_that_let_it_in(visit: Visit, neutron: Neutron) -> None:
    operation = done(visit, DELETE, group_id="web")
    assert [one["id"] for one in neutron.cloud.groups] == ["group-1", "db"]
    assert not SecurityGroup.objects.filter(external_id="web").exists()
    assert not SecurityGroupRule.objects.exists()  # that of db named it, and went in the cloud too
    assert neutron.rules("db") == []
    assert operation.targets.filter(kind="securitygroup", gone_at__isnull=False).exists()


def test_a_group_in_use_is_refused_and_the_servers_are_named(visit: Visit, tenant: Tenant) -> None:
    now = timezone.now()
    seen = {"tenant": tenant, "first_seen_at": now, "changed_at": now}
    Server.objects.create(**seen, external_id="server-1", name="web-01", status="ACTIVE")
    Port.objects.create(
        **seen, external_id="p", network_id="n", device_id="server-1", status="ACTIVE", security_group_ids=["web"]
    )
    ((field, reason),) = refusals(visit, DELETE, group_id="web")
    assert (field, reason) == ("", "1 server uses it, so it can't be deleted. Take it off first, at")
    Port.objects.update(device_id="")
    assert "1 port uses it" in refusals(visit, DELETE, group_id="web")[0][1]
    Port.objects.update(security_group_ids=["web-2"])
    ask(visit, DELETE, group_id="web")


def test_a_port_that_took_the_group_meanwhile_keeps_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    neutron.set_groups("port-1", "web")
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "conflict")
    assert "in use by a port" in operation.reason
    assert "SecurityGroupInUse" in operation.detail
    assert SecurityGroup.objects.filter(external_id="web").exists()


def test_a_group_that_is_gone_is_gone(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    neutron.cloud.groups.remove(neutron.group("web"))
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "It was gone already.")


def test_a_worker_that_died_after_deleting_is_followed_by_one_that_sees_it(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, DELETE, group_id="web")
    die(operation)
    neutron.cloud.groups.remove(neutron.group("web"))
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []
    assert not SecurityGroup.objects.filter(external_id="web").exists()


def test_a_command_and_terraform_for_a_group_with_rules(tenant: Tenant) -> None:
    action = ACTIONS[CREATE]
    ping = {"protocol": "icmp", "port_min": 8, "port_max": 0, "ethertype": "IPv6"}
    other = {"protocol": "tcp", "port_min": 8000, "port_max": 8100, "remote_group_id": "db", "description": "App"}
    params = action.params.model_validate({"name": "web-1", "description": "Shop", "rules": [SSH, ping, other]})
    lines = [" ".join(" ".join(part) for part in line) for line in action.commands(params, {"db": "db-internal"})]
    assert lines == [
        "security group create --description Shop web-1",
        "security group rule create --ingress --ethertype IPv4 --protocol tcp --dst-port 22"
        " --remote-ip 203.0.113.0/24 web-1",
        "security group rule create --ingress --ethertype IPv6 --protocol ipv6-icmp --icmp-type 8 --icmp-code 0 web-1",
        "security group rule create --ingress --ethertype IPv4 --protocol tcp --dst-port 8000:8100"
        " --remote-group db-internal --description App web-1",
    ]
    told = action.terraform(tenant, params, {})
    assert 'resource "openstack_networking_secgroup_v2" "web-1" {' in told
    assert told.count('resource "openstack_networking_secgroup_rule_v2"') == 3
    assert "security_group_id = openstack_networking_secgroup_v2.web-1.id" in told
    assert 'remote_ip_prefix  = "203.0.113.0/24"' in told
    assert "port_range_min" in told
