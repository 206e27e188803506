"""What can be done with a security group: the request that each change makes, and what comes of it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import security_groups
from clouds.openstack.inventory.network import SecurityGroup
from clouds.openstack.security_groups import Added, NewRule
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import (
    V2,
    Change,
    check_faults,
    check_missing_service,
    check_no_answers,
    check_request,
    since_login,
    without,
)
from tests.unit.clouds_fake import PROJECT, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

OP = "op-1"
RULE_ID = "2d157008-bbb9-4264-932c-671cba3a1994"
SSH = NewRule("ingress", "IPv4", "tcp", 22, 22, remote_cidr="203.0.113.0/24", description="office")


def rule(number: int, **changes: Any) -> dict[str, Any]:
    """Return a rule as Neutron tells it."""
    return {
        "id": f"rule-{number}",
        "security_group_id": "group-1",
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 22,
        "port_range_max": 22,
        "remote_ip_prefix": "203.0.113.0/24",
        "remote_group_id": None,
        "description": "",
        **changes,
    }


def group(number: int, **changes: Any) -> dict[str, Any]:
    """Return a security group as Neutron tells it."""
    return {
        "id": f"group-{number}",
        "name": f"web-{number}",
        "description": "",
        "tenant_id": PROJECT,
        "stateful": True,
        "revision_number": 4,
        "security_group_rules": [rule(1)],
        **changes,
    }


ONE = f"{V2}/security-groups/group-1"
RULES = f"{V2}/security-group-rules"
CREATED = {"status_code": 201}
GONE = {"status_code": 204}

CHANGES = {
    "get": Change(
        lambda c: security_groups.get(c, "group-1"),
        "GET",
        ONE,
        None,
        {"json": {"security_group": group(1)}},
        SecurityGroup.model_validate(group(1)),
        no_answers=without("security_group"),
    ),
    "create": Change(
        lambda c: security_groups.create(c, name="web", mark=OP),
        "POST",
        f"{V2}/security-groups",
        {"security_group": {"name": "web", "description": OP}},
        {**CREATED, "json": {"security_group": group(9)}},
        "group-9",
        no_answers=without("security_group"),
    ),
    "rename": Change(
        lambda c: security_groups.update(c, "group-1", name="www"),
        "PUT",
        ONE,
        {"security_group": {"name": "www"}},
        {"json": {"security_group": group(1, name="www")}},
        SecurityGroup.model_validate(group(1, name="www")),
        no_answers=without("security_group"),
    ),
    "update what has not changed": Change(
        lambda c: security_groups.update(c, "group-1", name="www", description="", revision=4),
        "PUT",
        ONE,
        {"security_group": {"name": "www", "description": ""}},
        {"json": {"security_group": group(1)}},
        SecurityGroup.model_validate(group(1)),
        headers={"If-Match": "revision_number=4"},
    ),
    "update revision 0": Change(
        lambda c: security_groups.update(c, "group-1", description="ours", revision=0),
        "PUT",
        ONE,
        {"security_group": {"description": "ours"}},
        {"json": {"security_group": group(1)}},
        SecurityGroup.model_validate(group(1)),
        headers={"If-Match": "revision_number=0"},
    ),
    "delete": Change(lambda c: security_groups.delete(c, "group-1"), "DELETE", ONE, None, GONE, None),
    "add a rule": Change(
        lambda c: security_groups.add_rule(c, "group-1", SSH),
        "POST",
        RULES,
        {
            "security_group_rule": {
                "security_group_id": "group-1",
                "direction": "ingress",
                "ethertype": "IPv4",
                "protocol": "tcp",
                "port_range_min": 22,
                "port_range_max": 22,
                "remote_ip_prefix": "203.0.113.0/24",
                "description": "office",
            }
        },
        {**CREATED, "json": {"security_group_rule": rule(9)}},
        Added("rule-9", new=True),
        no_answers=without("security_group_rule"),
    ),
    "add a rule about a group and type 0": Change(
        lambda c: security_groups.add_rule(
            c, "group-1", NewRule("ingress", "IPv6", "ipv6-icmp", 0, 0, remote_group_id="group-2")
        ),
        "POST",
        RULES,
        {
            "security_group_rule": {
                "security_group_id": "group-1",
                "direction": "ingress",
                "ethertype": "IPv6",
                "protocol": "ipv6-icmp",
                "port_range_min": 0,
                "port_range_max": 0,
                "remote_group_id": "group-2",
            }
        },
        {**CREATED, "json": {"security_group_rule": rule(9)}},
        Added("rule-9", new=True),
    ),
    "add a rule about everything": Change(
        lambda c: security_groups.add_rule(c, "group-1", NewRule("egress", "IPv4")),
        "POST",
        RULES,
        {"security_group_rule": {"security_group_id": "group-1", "direction": "egress", "ethertype": "IPv4"}},
        {**CREATED, "json": {"security_group_rule": rule(9)}},
        Added("rule-9", new=True),
    ),
    "remove a rule": Change(
        lambda c: security_groups.remove_rule(c, "rule-1"), "DELETE", f"{RULES}/rule-1", None, GONE, None
    ),
}
TELLING = {name: change for name, change in CHANGES.items() if change.no_answers}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_one_request(cloud: FakeCloud, change: Change) -> None:
    check_request(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_fault_is_its_error(cloud: FakeCloud, change: Change) -> None:
    check_faults(cloud, change)


@pytest.mark.parametrize("change", TELLING.values(), ids=TELLING)
def test_what_is_no_answer_is_garbled(cloud: FakeCloud, change: Change) -> None:
    check_no_answers(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cloud_without_networks_is_not_asked(cloud: FakeCloud, change: Change) -> None:
    check_missing_service(cloud, change)


def test_without_a_revision_nothing_is_compared(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.put(ONE, json={"security_group": group(1)})
    security_groups.update(connection, "group-1", name="www")
    (request,) = since_login(cloud)
    assert "If-Match" not in request.headers


def test_a_group_that_was_changed_meanwhile_is_a_conflict(cloud: FakeCloud, connection: Connection) -> None:
    changed = {"type": "RevisionNumberConstraintFailed", "message": "Constrained to 4, but current revision is 5"}
    cloud.mock.put(ONE, status_code=412, json={"NeutronError": changed})
    with pytest.raises(errors.Conflict) as caught:
        security_groups.update(connection, "group-1", name="www", revision=4)
    assert caught.value.status == 412
    assert "current revision is 5" in caught.value.detail


def test_the_groups_revision_is_seen_and_is_no_column() -> None:
    seen = SecurityGroup.model_validate(group(1))
    assert seen.revision == 4
    assert "revision" not in seen.model_dump()
    assert SecurityGroup.model_validate({"id": "group-1"}).revision is None


@pytest.mark.parametrize(
    ("message", "rule_id"),
    [(f"Security group rule already exists. Rule id is {RULE_ID}.", RULE_ID), ("Exists already.", "")],
)
def test_a_rule_that_is_there_is_an_outcome(
    cloud: FakeCloud, connection: Connection, message: str, rule_id: str
) -> None:
    answer = {"NeutronError": {"type": "SecurityGroupRuleExists", "message": message, "detail": ""}}
    cloud.mock.post(RULES, status_code=409, json=answer)
    assert security_groups.add_rule(connection, "group-1", SSH) == Added(rule_id, new=False)
    assert len(since_login(cloud)) == 1


@pytest.mark.parametrize(
    ("kind", "message", "error"),
    [
        ("OverQuota", "Quota exceeded for resources: ['security_group_rule'].", errors.QuotaExceeded),
        ("SecurityGroupConflict", "SecurityGroupRuleExists is no reason here", errors.Conflict),
    ],
)
def test_another_conflict_about_a_rule_is_an_error(
    cloud: FakeCloud, connection: Connection, kind: str, message: str, error: type[errors.CloudError]
) -> None:
    cloud.mock.post(RULES, status_code=409, json={"NeutronError": {"type": kind, "message": message}})
    with pytest.raises(errors.CloudError) as caught:
        security_groups.add_rule(connection, "group-1", SSH)
    assert type(caught.value) is error


def test_a_groups_rules_are_read_to_the_end_and_no_others(cloud: FakeCloud, connection: Connection) -> None:
    # This cloud ignores the filter.
    rules = [rule(number, security_group_id="group-1" if number % 2 else "group-2") for number in range(1, 1001)]
    cloud.mock.get(RULES, json=cloud._list("security_group_rules", lambda: rules))
    found = security_groups.rules_of(connection, "group-1")
    assert len(found) == 500
    assert {one.group_id for one in found} == {"group-1"}
    assert since_login(cloud)[0].qs["security_group_id"] == ["group-1"]


def test_marked_groups_are_found_on_every_page_and_no_others(cloud: FakeCloud, connection: Connection) -> None:
    cloud.groups = [group(number, description=OP if number in (2, 501) else "op-2") for number in range(1, 502)]
    assert [one.external_id for one in security_groups.find_marked(connection, OP)] == ["group-2", "group-501"]
    first, _ = since_login(cloud)
    assert (first.qs["description"], first.qs["tenant_id"]) == ([OP], [PROJECT])


def test_nothing_is_found_by_no_mark(cloud: FakeCloud, connection: Connection) -> None:
    with pytest.raises(ValueError, match="empty mark"):
        security_groups.find_marked(connection, "")
    assert since_login(cloud) == []
