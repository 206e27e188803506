"""Whose work a change is: outside Meshdeck, a result of one of its operations, or unclear."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects import observed
from projects.access import Visit
from projects.models import Change, Operation, Tenant
from projects.pages import changes
from projects.refresh import claims, refreshing
from services.compute.models import Server
from services.images.models import Image
from services.network.models import SecurityGroup
from tests.unit import clouds_fake
from tests.unit.clouds_fake import CINDER, NEUTRON, FakeCloud
from tests.unit.nova_fake import Nova
from tests.unit.servers_cast import WEB, ask, go, inventory, make, member_of

pytestmark = pytest.mark.django_db

Origin = Change.Origin
Told = tuple[str, str, Origin, str | None]


@pytest.fixture
def nova() -> Iterator[Nova]:
    with requests_mock.Mocker() as mock:
        nova = Nova(FakeCloud(mock))
        cloud = nova.cloud
        cloud.floating_ips.append(floating(1))
        cloud.floating_ips.append(floating(2))
        cloud.volumes[0].update(status="in-use", attachments=[{"server_id": "server-2", "device": "/dev/vdb"}])
        cloud.mock.get(f"{CINDER}/volumes/volume-1", json=lambda *_: {"volume": cloud.volumes[0]})
        cloud.mock.get(f"{NEUTRON}/v2.0/ports", json=lambda *_: {"ports": cloud.ports})
        cloud.groups.append({"id": "group-2", "name": "web", "security_group_rules": []})
        yield nova


@pytest.fixture
def visit(nova: Nova) -> Visit:
    """Return a member of a tenant that was read just now."""
    visit = member_of(inventory(nova.cloud))
    refresh(visit)
    assert not Change.objects.filter(verb=Change.Verb.CHANGED).exists()
    Change.objects.all().delete()
    return visit


def floating(number: int) -> dict[str, Any]:
    return {
        "id": f"address-{number}",
        "floating_ip_address": f"198.51.100.{number}",
        "floating_network_id": "network-3",
        "port_id": f"port-{number}",
        "fixed_ip_address": f"10.0.4.{number}",
        "status": "ACTIVE",
    }


def refresh(visit: Visit) -> None:
    # The end of an operation asks for a refresh, whose task no worker of this test takes.
    Tenant.objects.update(refresh_started_at=None)
    claim = claims.take(visit.tenant.pk, older_than=timedelta(0))
    assert claim
    refreshing.refresh(visit.tenant.pk, visit.user.grants.get().pk, claim)
    visit.tenant.refresh_from_db()


def news(visit: Visit) -> list[Told]:
    """Return what a refresh tells now, in the order of names."""
    refresh(visit)
    rows = Change.objects.filter(tenant=visit.tenant).order_by("name")
    return [(one.verb, one.name, Origin(one.origin), one.cause_id) for one in rows]


def loses_its_server(nova: Nova, number: int) -> None:
    nova.cloud.floating_ips[number - 1].update(port_id=None, fixed_ip_address=None, status="DOWN")


def test_floating_ip_of_deleted_server_is_result(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    assert operation.state == Operation.State.DONE
    loses_its_server(nova, 2)  # by somebody else: its server is alive
    assert news(visit) == [
        ("changed", "198.51.100.1", Origin.RESULT, operation.pk),
        ("changed", "198.51.100.2", Origin.OUTSIDE, None),
    ]


def test_result_that_cloud_shows_late_is_result(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    nova.cloud.floating_ips[0] = floating(1)  # still so, as neutron tells it
    refresh(visit)
    refresh(visit)
    loses_its_server(nova, 1)
    assert news(visit) == [("changed", "198.51.100.1", Origin.RESULT, operation.pk)]


def test_result_seen_before_operation_ended_becomes_result(nova: Nova, visit: Visit) -> None:
    nova.looks = 50
    operation = go(ask(visit, "delete-server", server_id="server-1"), turns=3)
    assert operation.is_open
    loses_its_server(nova, 1)
    unsettled = [("changed", "198.51.100.1", Origin.UNCLEAR, operation.pk)]
    assert news(visit) == unsettled
    nova.cloud.servers.remove(nova.row())
    assert go(operation).state == Operation.State.DONE
    assert news(visit) == [("changed", "198.51.100.1", Origin.RESULT, operation.pk)]


def test_floating_ip_led_elsewhere_meanwhile_is_unclear(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "delete-server", server_id="server-1"))
    nova.cloud.floating_ips[0].update(port_id="port-2", fixed_ip_address="10.0.4.2")
    assert news(visit) == [("changed", "198.51.100.1", Origin.UNCLEAR, operation.pk)]


def test_volume_that_also_grew_is_not_claimed(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-2")
    observed.gone(operation, Server, ["server-2"])
    nova.cloud.volumes[0].update(status="available", attachments=[], size=40)
    assert news(visit) == [("changed", "data-1", Origin.UNCLEAR, operation.pk)]


def test_volume_that_only_grew_is_outside(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "delete-server", server_id="server-2")
    observed.gone(operation, Server, ["server-2"])
    nova.cloud.volumes[0].update(size=40)
    assert news(visit) == [("changed", "data-1", Origin.OUTSIDE, None)]


def test_rules_that_named_deleted_group_are_result(nova: Nova, visit: Visit) -> None:
    rule = {"id": "rule-1", "security_group_id": "group-1", "direction": "ingress", "ethertype": "IPv4"}
    nova.cloud.groups[0]["security_group_rules"] = [{**rule, "protocol": "tcp", "remote_group_id": "group-2"}]
    assert [one[2] for one in news(visit)] == [Origin.OUTSIDE]
    Change.objects.all().delete()
    operation = ask(visit, "delete-security-group", group_id="group-2")
    observed.gone(operation, SecurityGroup, ["group-2"])
    nova.cloud.groups[0]["security_group_rules"] = []
    del nova.cloud.groups[1]
    assert news(visit) == [("changed", "default", Origin.RESULT, operation.pk)]


def test_servers_of_renamed_group_are_unclear(nova: Nova, visit: Visit) -> None:
    nova.cloud.ports[0]["security_groups"] = ["group-2"]
    refresh(visit)
    Change.objects.all().delete()
    operation = ask(visit, "edit-security-group", group_id="group-2", name="www")
    nova.cloud.groups[1]["name"] = "www"
    assert news(visit) == [("changed", "web-01", Origin.UNCLEAR, operation.pk)]


def test_change_beside_operation_at_work_is_unclear(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "rename-server", server_id="server-2", name="db"))
    nova.cloud.volumes[0].update(status="available", attachments=[])
    assert news(visit) == [("changed", "data-1", Origin.UNCLEAR, operation.pk)]


def test_change_after_operation_was_read_is_outside(nova: Nova, visit: Visit) -> None:
    go(ask(visit, "rename-server", server_id="server-2", name="db"))
    refresh(visit)
    refresh(visit)
    nova.cloud.volumes[0].update(status="available", attachments=[])
    assert ("changed", "data-1", Origin.OUTSIDE, None) in news(visit)


def given_up(visit: Visit, **memory: Any) -> Operation:
    """Return a deletion that failed, by what it remembers of its requests, before the tenant was read again."""
    operation = ask(visit, "delete-server", server_id="server-1")
    ended = {"state": Operation.State.FAILED, "ended_at": timezone.now(), "memory": memory}
    Operation.objects.filter(pk=operation.pk).update(**ended)
    refresh(visit)
    return operation


def test_late_effect_of_operation_that_gave_up_is_unclear(nova: Nova, visit: Visit) -> None:
    operation = given_up(visit, delete_sent_at=timezone.now().isoformat())
    nova.cloud.servers.remove(nova.row())
    loses_its_server(nova, 1)
    assert news(visit) == [
        ("changed", "198.51.100.1", Origin.UNCLEAR, operation.pk),
        ("vanished", "web-01", Origin.UNCLEAR, operation.pk),
    ]


def test_late_change_of_target_itself_is_unclear(nova: Nova, visit: Visit) -> None:
    operation = given_up(visit, delete_sent_at=timezone.now().isoformat())
    nova.row()["status"] = "ERROR"
    assert news(visit) == [("changed", "web-01", Origin.UNCLEAR, operation.pk)]


def test_operation_that_sent_nothing_explains_nothing(nova: Nova, visit: Visit) -> None:
    given_up(visit)
    nova.cloud.servers.remove(nova.row())
    assert news(visit) == [("vanished", "web-01", Origin.OUTSIDE, None)]


def test_volume_made_with_server_is_its_operations(nova: Nova, visit: Visit) -> None:
    def build(row: dict[str, Any]) -> None:
        row["os-extended-volumes:volumes_attached"] = [{"id": "volume-7", "delete_on_termination": False}]
        nova.cloud.volumes.append(clouds_fake.volume(7, name="", attachments=[{"server_id": row["id"]}]))

    make(visit.tenant, Image, "image-1", name="Debian 13", status="active", visibility="public", size_bytes=1)
    operation = ask(visit, "create-server", **{**WEB, "volume_gb": 20})
    for _ in range(10):
        go(operation, turns=1)
        new = [one for one in nova.cloud.servers if one["name"] == WEB["name"]]
        if new and not new[0].get("os-extended-volumes:volumes_attached"):
            build(new[0])
    operation.refresh_from_db()
    assert operation.state == Operation.State.DONE
    assert ("volume", "volume-7") in operation.targets.values_list("kind", "external_id")
    assert news(visit) == []


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin.OUTSIDE, "outside Meshdeck · seen "),
        (Origin.RESULT, "result of an operation · seen "),
        (Origin.UNCLEAR, "outside Meshdeck or result of an operation · seen "),
    ],
)
def test_timeline_says_origin_and_leads_to_operation(origin: Origin, said: str) -> None:
    cause = None if origin == Origin.OUTSIDE else "op-01M87SB5HYFT6FTN"
    change = Change(kind="volume", external_id="1", verb="vanished", seen_at=timezone.now(), origin=origin)
    change.cause_id = cause
    event = changes.event_of(change, "atlas@north")
    assert event.meta.startswith(said)
    assert (event.action.url if event.action else None) == (cause and f"/atlas@north/operations/{cause}/")
