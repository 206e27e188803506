"""Add rules to a security group: what it refuses and adds, who comes second, and its undo."""

from typing import Any

import pytest

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Tenant
from services.network.models import SecurityGroupRule
from services.network.security_groups import rule_making
from services.network.security_groups.rule_making import Rule
from tests.operations_factory import die
from tests.unit.clouds_neutron import V2, Neutron, rule
from tests.unit.group_rows import HTTP, SSH
from tests.unit.running import ask, done, go, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State


ADD = "add-security-group-rules"


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
        ({"remote_cidr": "10.0.0.0/33"}, "is not a valid network"),
        ({"remote_cidr": "office"}, "is not a valid network"),
        ({"remote_cidr": "2001:db8::/32"}, "a network of IPv6"),
        ({"remote_cidr": "10.0.0.0/8", "ethertype": "IPv6"}, "a network of IPv4"),
        ({"remote_cidr": "10.0.0.0/8", "remote_group_id": "db"}, "not several of them"),
        ({"remote_address_group_id": "nowhere"}, "no such address group"),
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
    assert rule_making.fault(tenant, Rule(**values)) == ""


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
