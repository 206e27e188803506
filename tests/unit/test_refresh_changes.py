"""What is told of the differences, and what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clouds.openstack.inventory import block_storage, compute, network
from projects.models import Change, Tenant
from projects.refresh.changes import first_sight, worth_telling
from projects.refresh.differences import write
from services.block_storage.models import Volume
from services.compute.models import Server
from services.network.models import Network, Port, SecurityGroup, SecurityGroupRule
from tests.unit import clouds_fake
from tests.unit.projects_fixtures import make_location, make_tenant

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant(make_location())


def server(number: int = 1, **changes: Any) -> compute.Server:
    return compute.Server.model_validate(clouds_fake.server(number, **changes))


def volume(**changes: Any) -> block_storage.Volume:
    return block_storage.Volume.model_validate(clouds_fake.volume(1, **changes))


def rule(number: int, **fields: Any) -> network.SecurityGroupRule:
    values = {"group_id": "group-1", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", **fields}
    return network.SecurityGroupRule.model_validate({"id": f"rule-{number}", **values})


def told(tenant: Tenant, model: Any, before: list[Any], after: list[Any]) -> list[tuple[str, str, str, Any]]:
    model.objects.all().delete()  # a second telling begins anew: what is older than a row changes nothing
    write(tenant, model, before, NOW)
    news = worth_telling(tenant, write(tenant, model, after, NOW + timedelta(seconds=15)), NOW)
    return [(str(one.verb), one.kind, one.name, one.fields) for one in news]


def test_a_server_that_came_or_went_is_told(tenant: Tenant) -> None:
    assert told(tenant, Server, [server(1)], [server(2)]) == [
        (Change.Verb.APPEARED, "server", "web-02", {}),
        (Change.Verb.VANISHED, "server", "web-01", {}),
    ]


def test_a_status_is_told_once_it_has_settled(tenant: Tenant) -> None:
    assert told(tenant, Server, [server(status="ACTIVE")], [server(status="REBOOT")]) == []
    assert told(tenant, Server, [server(status="BUILD")], [server(status="ACTIVE")]) == [
        (Change.Verb.CHANGED, "server", "web-01", {"status": ["BUILD", "ACTIVE"]})
    ]


def test_names_sizes_and_attachments_are_told_with_old_and_new(tenant: Tenant) -> None:
    attachments = [{"server_id": "server-1", "device": "/dev/vdb", "attached_at": "2026-10-13T09:00:00.000000"}]
    after = volume(name="logs", size=40, status="in-use", attachments=attachments)
    assert told(tenant, Volume, [volume()], [after]) == [
        (
            Change.Verb.CHANGED,
            "volume",
            "logs",
            {
                "name": ["data-1", "logs"],
                "status": ["available", "in-use"],
                "size_gb": [20, 40],
                "attachments": [[], ["server-1"]],
            },
        )
    ]


def test_what_only_a_detail_page_shows_is_not_told(tenant: Tenant) -> None:
    assert told(tenant, Server, [server()], [server(updated="2026-11-01T00:00:00Z", tags=["green"])]) == []


def test_ports_come_and_go_untold(tenant: Tenant) -> None:
    assert told(tenant, Port, [], [network.Port.model_validate(clouds_fake.port(1))]) == []


def test_only_the_tenants_own_networks_are_told(tenant: Tenant) -> None:
    own = network.Network.model_validate({"id": "n1", "name": "app-net", "status": "ACTIVE"})
    shared = network.Network.model_validate({"id": "n2", "name": "public", "status": "ACTIVE", "owned": False})
    assert told(tenant, Network, [], [own, shared]) == [(Change.Verb.APPEARED, "network", "app-net", {})]


def test_rules_are_told_in_words_as_a_change_of_their_group(tenant: Tenant) -> None:
    write(tenant, SecurityGroup, [network.SecurityGroup.model_validate({"id": "group-1", "name": "web"})], NOW)
    before = [rule(1, port_min=22, port_max=22, remote_cidr="10.0.0.0/8")]
    after = [rule(2, port_min=8000, port_max=8080), rule(3, protocol="", direction="egress", remote_group_id="g")]
    assert told(tenant, SecurityGroupRule, before, after) == [
        (
            Change.Verb.CHANGED,
            "securitygroup",
            "web",
            {
                "rules": [
                    ["ingress tcp 22 from 10.0.0.0/8"],
                    ["egress any to group g", "ingress tcp 8000-8080 from anywhere"],
                ]
            },
        )
    ]


def test_the_rules_that_a_new_group_brings_are_not_told(tenant: Tenant) -> None:
    group = network.SecurityGroup.model_validate({"id": "group-1", "name": "web"})
    differences = write(tenant, SecurityGroup, [group], NOW) + write(tenant, SecurityGroupRule, [rule(1)], NOW)

    assert [(one.verb, one.kind) for one in worth_telling(tenant, differences, NOW)] == [
        (Change.Verb.APPEARED, "securitygroup")
    ]


def first(tenant: Tenant, model: Any, rows: list[Any]) -> list[tuple[str, datetime]]:
    news = first_sight(tenant, write(tenant, model, rows, NOW), NOW)
    return [(one.name, one.seen_at) for one in news]


def test_at_first_sight_only_the_last_30_days_are_told_at_the_clouds_own_times(tenant: Tenant) -> None:
    young, old = NOW - timedelta(days=29), NOW - timedelta(days=31)
    rows = [server(1, created=young.isoformat()), server(2, created=old.isoformat())]
    assert first(tenant, Server, rows) == [("web-01", young)]


def test_at_first_sight_the_newest_30_are_told(tenant: Tenant) -> None:
    rows = [server(n, created=(NOW - timedelta(hours=n)).isoformat()) for n in range(40)]
    told = first(tenant, Server, rows)
    assert len(told) == 30
    assert min(at for _name, at in told) == NOW - timedelta(hours=29)


def test_what_the_cloud_made_by_itself_is_not_told_at_first_sight(tenant: Tenant) -> None:
    made = {"created_at": NOW - timedelta(hours=1)}
    groups = [
        network.SecurityGroup.model_validate({"id": "g1", "name": "default", **made}),
        network.SecurityGroup.model_validate({"id": "g2", "name": "web", **made}),
    ]
    public = network.Network.model_validate({"id": "n1", "name": "public", "owned": False, **made})
    assert [name for name, _at in first(tenant, SecurityGroup, groups)] == ["web"]
    assert first(tenant, Network, [public]) == []


def test_a_clouds_clock_that_goes_ahead_puts_nothing_into_the_future(tenant: Tenant) -> None:
    assert first(tenant, Server, [server(1, created=(NOW + timedelta(hours=2)).isoformat())]) == [("web-01", NOW)]
