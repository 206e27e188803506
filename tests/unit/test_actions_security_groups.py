"""Security groups and their rules: made, named, opened, closed and deleted once, whoever else is at it."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS, filtering
from projects.actions.filtering import Rule
from projects.models import (
    Limit,
    Measure,
    Operation,
    Port,
    Role,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    Tenant,
)
from projects.refresh.inventory import MODELS
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_neutron import V2, Neutron, rule
from tests.unit.running import ask, die, done, go, refusals, undo

pytestmark = pytest.mark.django_db

SSH: dict[str, Any] = {"protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "203.0.113.0/24"}
HTTP: dict[str, Any] = {"protocol": "tcp", "port_min": 80, "port_max": 80, "remote_cidr": "0.0.0.0/0"}
CREATE, EDIT, DELETE = "create-security-group", "edit-security-group", "delete-security-group"
ADD, REMOVE = "add-security-group-rules", "remove-security-group-rules"
OUT = [("egress", "", None, ""), ("egress", "", None, "")]


@pytest.fixture
def neutron(requests_mock: requests_mock.Mocker) -> Neutron:
    made = Neutron(FakeCloud(requests_mock))
    office = rule("web", protocol="tcp", port_range_min=443, port_range_max=443, remote_ip_prefix="0.0.0.0/0")
    made.has_group("web", "web-public", office, description="The shop")
    made.has_group(
        "db", "db", rule("db", protocol="tcp", port_range_min=5432, port_range_max=5432, remote_group_id="web")
    )
    return made


@pytest.fixture
def tenant(neutron: Neutron) -> Tenant:
    """What a refresh has read a second ago."""
    made = rows.make_tenant(rows.make_location(cloud=neutron.cloud))
    now = timezone.now() - timedelta(seconds=1)
    seen = {"tenant": made, "first_seen_at": now, "changed_at": now}
    for one in neutron.cloud.groups:
        SecurityGroup.objects.create(**seen, external_id=one["id"], name=one["name"], description=one["description"])
        for each in one["security_group_rules"]:
            read = next(kind for kind in MODELS if MODELS[kind] is SecurityGroupRule).model_validate(each)
            SecurityGroupRule.objects.create(**seen, **read.model_dump())
    return made


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


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


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"protocol": "tcp", "port_min": 80}, "its first and its last"),
        ({"protocol": "tcp", "port_min": 90, "port_max": 80}, "its first and its last"),
        ({"protocol": "tcp", "port_min": 0, "port_max": 80}, "begin at 1"),
        ({"port_min": 80, "port_max": 80}, "have ports"),
        ({"protocol": "47", "port_min": 80, "port_max": 80}, "have ports"),
        ({"protocol": "256"}, "end at 255"),
        ({"protocol": "teleport"}, "no protocol"),
        ({"protocol": "ipv6-opts"}, "of IPv6"),
        ({"protocol": "icmp", "port_max": 0}, "needs its type"),
        ({"protocol": "icmp", "port_min": 256}, "end at 255"),
        ({"remote_cidr": "10.0.0.0/33"}, "is no network"),
        ({"remote_cidr": "office"}, "is no network"),
        ({"remote_cidr": "2001:db8::/32"}, "a network of IPv6"),
        ({"remote_cidr": "10.0.0.0/8", "ethertype": "IPv6"}, "a network of IPv4"),
        ({"remote_cidr": "10.0.0.0/8", "remote_group_id": "db"}, "not both"),
        ({"remote_group_id": "nowhere"}, "no such group"),
    ],
)
def test_a_rule_that_the_cloud_would_refuse_says_why(visit: Visit, values: dict[str, Any], words: str) -> None:
    ((field, reason),) = refusals(visit, ADD, group_id="web", rules=[values])
    assert (field, words in reason) == ("rules", True), reason


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"protocol": "any"},
        {"protocol": "TCP", "port_min": 1, "port_max": 65535},
        {"protocol": "6", "port_min": 22, "port_max": 22},
        {"protocol": "47"},
        {"protocol": "0"},
        {"protocol": "icmp", "port_min": 8, "port_max": 0},
        {"protocol": "icmp", "ethertype": "IPv6"},
        {"protocol": "ipv6-opts", "ethertype": "IPv6"},
        {"remote_cidr": "10.0.0.9"},
        {"remote_group_id": "web", "direction": "egress"},
    ],
)
def test_a_rule_that_the_cloud_takes_is_not_refused(tenant: Tenant, values: dict[str, Any]) -> None:
    assert filtering.fault(tenant, Rule(**values)) == ""


def test_rules_are_added_as_the_cloud_writes_them(visit: Visit, neutron: Neutron) -> None:
    wanted = [
        {"protocol": "6", "port_min": 22, "port_max": 22, "remote_cidr": "203.0.113.9/24", "description": "Office"},
        {"protocol": "icmp", "ethertype": "IPv6"},
        {"protocol": "any", "remote_group_id": "db"},
    ]
    done(visit, ADD, group_id="web", rules=wanted)
    added = neutron.group("web")["security_group_rules"][1:]
    assert [(one["protocol"], one["remote_ip_prefix"], one["description"]) for one in added] == [
        ("tcp", "203.0.113.0/24", "Office"),
        ("ipv6-icmp", None, ""),
        (None, None, ""),
    ]
    assert added[2]["remote_group_id"] == "db"
    assert SecurityGroupRule.objects.filter(group_id="web").count() == 4


def test_a_rule_that_somebody_else_was_faster_with_is_done(visit: Visit, neutron: Neutron) -> None:
    def faster(_method: str, _path: str) -> None:
        neutron.before = lambda _method, _path: None
        theirs = rule("web", protocol="tcp", port_range_min=80, port_range_max=80)
        neutron.group("web")["security_group_rules"].append(theirs)

    neutron.before = faster
    operation = done(visit, ADD, group_id="web", rules=[HTTP])
    assert neutron.rules("web").count(("ingress", "tcp", 80, "")) == 1
    assert len(neutron.rules("web")) == 2
    assert neutron.changes == [("POST", "/security-group-rules")]
    assert SecurityGroupRule.objects.filter(group_id="web", port_min=80).count() == 1
    assert operation.accepted_at is not None


def test_a_rule_that_the_cloud_alone_takes_for_the_same_ends_all_the_same(visit: Visit, neutron: Neutron) -> None:
    """Whatever a cloud calls the same: its 409 is believed, and not asked for again."""
    exists = {"NeutronError": {"type": "SecurityGroupRuleExists", "message": "Security group rule already exists."}}
    neutron.cloud.mock.post(f"{V2}/security-group-rules", status_code=409, json=exists)
    operation = done(visit, ADD, group_id="web", rules=[HTTP])
    assert operation.note == "They were there already."
    asked = [one for one in neutron.cloud.mock.request_history if one.method == "POST" and "rules" in one.path]
    assert len(asked) == 1


def test_undoing_removes_what_was_added_and_nothing_else(visit: Visit, neutron: Neutron) -> None:
    https = HTTP | {"port_min": 443, "port_max": 443}
    operation = done(visit, ADD, group_id="web", rules=[https, HTTP])
    assert len(neutron.rules("web")) == 2
    assert undo(visit, operation).state == Operation.State.DONE
    assert neutron.rules("web") == [("ingress", "tcp", 443, "0.0.0.0/0")]
    assert SecurityGroupRule.objects.filter(group_id="web").count() == 1


def test_what_was_there_before_offers_no_undo(visit: Visit, neutron: Neutron) -> None:
    operation = ask(visit, ADD, group_id="web", rules=[HTTP])
    theirs = rule("web", protocol="tcp", port_range_min=80, port_range_max=80, remote_ip_prefix="0.0.0.0/0")
    neutron.group("web")["security_group_rules"].append(theirs)
    go(operation)
    assert operation.note == "They were there already."
    params = ACTIONS[ADD].params.model_validate(operation.params)
    assert ACTIONS[ADD].undo(operation, params) is None


def test_a_worker_that_died_after_adding_is_followed_by_one_that_knows_what_is_ours(
    visit: Visit, neutron: Neutron
) -> None:
    operation = ask(visit, ADD, group_id="web", rules=[HTTP])
    die(operation, before=[one["id"] for one in neutron.group("web")["security_group_rules"]])
    ours = rule("web", protocol="tcp", port_range_min=80, port_range_max=80, remote_ip_prefix="0.0.0.0/0")
    neutron.group("web")["security_group_rules"].append(ours)
    assert go(operation).state == Operation.State.DONE
    assert neutron.changes == []
    assert operation.memory["made"] == [ours["id"]]


def test_rules_that_are_all_there_are_refused(visit: Visit) -> None:
    there = HTTP | {"port_min": 443, "port_max": 443, "protocol": "6", "remote_cidr": ""}
    assert refusals(visit, ADD, group_id="web", rules=[there]) == [("rules", "The group has this rule already.")]
    assert refusals(visit, ADD, group_id="gone", rules=[SSH])[0][0] == "group_id"


def test_a_removed_rule_is_gone_from_the_page_and_comes_back_by_one_click(visit: Visit, neutron: Neutron) -> None:
    (before,) = neutron.group("web")["security_group_rules"]
    before["description"] = "Shop"
    operation = done(visit, REMOVE, group_id="web", rule_ids=[before["id"]])
    assert neutron.rules("web") == []
    assert not SecurityGroupRule.objects.filter(group_id="web").exists()
    assert undo(visit, operation).state == Operation.State.DONE
    (after,) = neutron.group("web")["security_group_rules"]
    assert {**after, "id": ""} == {**before, "id": ""}


def test_a_rule_that_somebody_else_removed_is_done(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    neutron.group("web")["security_group_rules"] = []
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "It was gone already.")
    assert neutron.changes == []
    assert not SecurityGroupRule.objects.filter(group_id="web").exists()
    assert ACTIONS[REMOVE].undo(operation, ACTIONS[REMOVE].params.model_validate(operation.params)) is None


def test_a_rule_that_goes_between_look_and_removal_is_done(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]

    def faster(_method: str, _path: str) -> None:
        neutron.group("web")["security_group_rules"] = []

    neutron.before = faster
    done(visit, REMOVE, group_id="web", rule_ids=[row["id"]])


def test_a_worker_that_died_after_removing_leaves_the_way_back(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    neutron.group("web")["security_group_rules"] = []  # ours, and then kill -9
    die(operation, was=[HTTP | {"port_min": 443, "port_max": 443}])
    go(operation)
    assert (operation.state, operation.note) == (Operation.State.DONE, "")
    assert neutron.changes == []
    assert undo(visit, operation).state == Operation.State.DONE
    assert neutron.rules("web") == [("ingress", "tcp", 443, "0.0.0.0/0")]


def test_a_worker_that_died_between_two_removals_leaves_the_way_back_for_both(visit: Visit, neutron: Neutron) -> None:
    done(visit, ADD, group_id="web", rules=[HTTP])
    https, http = neutron.group("web")["security_group_rules"]
    operation = ask(visit, REMOVE, group_id="web", rule_ids=[https["id"], http["id"]])
    neutron.group("web")["security_group_rules"] = [http]
    die(operation, was=[HTTP | {"port_min": 443, "port_max": 443}, HTTP])
    assert go(operation).state == Operation.State.DONE
    assert neutron.rules("web") == []
    assert undo(visit, operation).state == Operation.State.DONE
    assert len(neutron.rules("web")) == 2


def test_only_rules_of_this_group_can_be_removed_by_it(visit: Visit, neutron: Neutron) -> None:
    (row,) = neutron.group("db")["security_group_rules"]
    ((field, _reason),) = refusals(visit, REMOVE, group_id="web", rule_ids=[row["id"]])
    assert field == "rule_ids"
    (mine,) = neutron.group("web")["security_group_rules"]
    done(visit, REMOVE, group_id="web", rule_ids=[mine["id"], row["id"]])
    assert len(neutron.rules("db")) == 1


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


def test_the_words_of_changed_rules() -> None:
    action = ACTIONS[ADD]
    out = {"direction": "egress", "protocol": "udp", "port_min": 53, "port_max": 53, "remote_cidr": "192.0.2.53/32"}
    params = action.params.model_validate(
        {"group_id": "web", "rules": [HTTP, HTTP | {"port_min": 443, "port_max": 443}, out]}
    )
    names = {"web": "web-public"}
    assert action.title(params, names) == "Add to web-public: 80, 443/tcp from anywhere; 53/udp to 192.0.2.53/32"
    gone = ACTIONS[REMOVE].params.model_validate({"group_id": "web", "rule_ids": ["a", "b"]})
    assert ACTIONS[REMOVE].told(gone, names) == "Removed 2 rules from web-public"
