"""Lists of the API: pages to the end, filters that stay true, order, and when each row was true."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import JSONField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.identity.models import Grant
from projects.api.mount import kinds
from projects.fetching import asking
from projects.fetching.asking import Note, Wanted
from projects.models import Change, Membership, Reading, Tenant
from services.compute.models import Server
from services.openstack.words import Measure
from tests import factories
from tests.operations_factory import attaching, history, operation
from tests.unit.api_calls import ATLAS, ROOT, get, post, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(cast: factories.Cast, client: Client) -> Client:
    factories.log_in(client, cast.member)
    return client


def names(client: Client, query: str = "", kind: str = "servers") -> list[str]:
    said = get(client, f"{ATLAS}/{kind}{query}").json()
    assert said["total"] == len(said["items"]), said
    return [one["name"] for one in said["items"]]


def all_of(client: Client, path: str) -> tuple[list[dict[str, Any]], int]:
    """All rows, page by page as `next` says, and how many pages there were."""
    rows, pages, where = [], 0, path
    while where:
        said = get(client, where).json()
        rows += said["items"]
        pages, where = pages + 1, said["next"]
    assert len(rows) == said["total"]
    return rows, pages


@pytest.mark.parametrize("limit", [7, 37, 200])
@pytest.mark.parametrize("sort", ["name", "-status", "created_at"])
def test_pages_lead_to_the_end_and_each_row_comes_once(
    cast: factories.Cast, member: Client, limit: int, sort: str
) -> None:
    factories.many_servers(cast.atlas, 60)
    rows, pages = all_of(member, f"{ATLAS}/servers?limit={limit}&sort={sort}")
    assert len({row["external_id"] for row in rows}) == len(rows) == Server.objects.filter(tenant=cast.atlas).count()
    assert pages == -(-len(rows) // limit)


def test_a_page_beyond_the_end_is_empty_and_tells_the_true_total(member: Client) -> None:
    said = get(member, f"{ATLAS}/servers?page=99").json()
    assert (said["items"], said["total"], said["next"]) == ([], 14, None)


def test_every_kind_is_given_as_the_database_has_it(cast: factories.Cast, member: Client) -> None:
    for kind in kinds():
        rows, _pages = all_of(member, f"{ATLAS}/{kind.key}")
        known = kind.model._default_manager.filter(tenant=cast.atlas)
        assert len(rows) == known.count() > 0, kind.key
        if kind.has_page:
            one = get(member, f"{ATLAS}/{kind.key}/{rows[0]['external_id']}").json()
            assert one == rows[0]


def test_no_field_of_a_model_is_forgotten() -> None:
    for kind in kinds():
        fields = {field.name for field in kind.model._meta.fields} - {"id", "tenant"}
        assert kind.shape
        assert fields <= kind.shape.model_fields.keys(), kind.key
        for field in kind.model._meta.fields:
            if isinstance(field, JSONField):
                assert kind.shape.model_fields[field.name].annotation not in (Any, None)


def test_filters_leave_what_fits_and_nothing_else(member: Client) -> None:
    assert names(member, "?q=web-0") == ["web-01", "web-02", "web-03"]
    assert names(member, "?q=10.0.4.17") == ["web-01"]
    assert names(member, "?name=web-01") == ["web-01"]
    assert names(member, "?name=web") == []
    assert names(member, "?status=SHUTOFF") == ["batch-01", "web-03"]
    assert names(member, "?status=SHUTOFF&status=ERROR") == ["batch-01", "web-03", "worker-07"]
    assert names(member, "?status=shutoff") == []
    assert names(member, "?status=SHUTOFF&sort=-name") == ["web-03", "batch-01"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("page=0", "page"),
        ("page=1000001", "page"),
        ("sort=tenant", "sort"),
        ("sort=--name", "sort"),
        ("sort=addresses", "sort"),
        ("state=ACTIVE", "state"),
        ("tenant__project=1", "tenant__project"),
        ("q=" + "x" * 201, "q"),
    ],
)
def test_what_can_not_be_asked_is_refused_and_never_ignored(member: Client, query: str, field: str) -> None:
    said = problem(get(member, f"{ATLAS}/servers?{query}"), 422, "invalid")
    assert [one["field"] for one in said["errors"]] == [field]


@pytest.mark.parametrize("kind", ["key-pairs", "zones", "flavors", "security-groups"])
def test_only_kinds_with_states_are_filtered_by_them(member: Client, kind: str) -> None:
    problem(get(member, f"{ATLAS}/{kind}?status=ACTIVE"), 422, "invalid")


def test_each_row_says_when_it_was_true(cast: factories.Cast, member: Client) -> None:
    before = timezone.now() - timedelta(minutes=20)
    Reading.objects.filter(tenant=cast.atlas, service="compute").update(as_of=before, reason="timed out")
    said = get(member, f"{ATLAS}/servers").json()
    assert (said["old"], said["reason"]) == (True, "timed out")
    assert {(row["old"], row["as_of"]) for row in said["items"]} == {(True, said["as_of"])}
    assert said["as_of"].startswith(before.strftime("%Y-%m-%dT%H:%M"))
    assert get(member, f"{ATLAS}/volumes").json()["old"] is False
    zones = {row["service"]: row["old"] for row in get(member, f"{ATLAS}/zones").json()["items"]}
    assert zones == {"compute": True, "block-storage": False}
    tenant = get(member, ATLAS).json()
    assert tenant["old"]
    assert {one["service"]: one["reason"] for one in tenant["readings"]}["compute"] == "timed out"


def test_a_location_that_is_down_says_so_everywhere(cast: factories.Cast, member: Client) -> None:
    factories.down(cast.north)
    said = get(member, f"{ATLAS}/servers").json()
    assert said["old"]
    assert said["total"] == 14
    assert "time out" in said["reason"]
    assert get(member, ATLAS).json()["health"] == "down"


def test_nothing_changed_costs_no_body(cast: factories.Cast, member: Client) -> None:
    path = f"{ATLAS}/servers?limit=5"
    tag = get(member, path)["ETag"]
    same = member.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    Tenant.objects.filter(pk=cast.atlas.pk).update(version=99)
    assert member.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_another_persons_tag_is_no_tag_of_mine(cast: factories.Cast, member: Client) -> None:
    Membership.objects.update(own_as_of=timezone.now())  # both were read at once
    tag = get(member, f"{ATLAS}/key-pairs")["ETag"]
    other = Client()
    factories.log_in(other, cast.reader)
    said = other.get(f"{ATLAS}/key-pairs", headers={"If-None-Match": tag})
    assert (said.status_code, said.json()["total"]) == (200, 0)


def test_security_groups_bring_their_rules(member: Client) -> None:
    group = next(one for one in get(member, f"{ATLAS}/security-groups").json()["items"] if one["name"] == "ssh-office")
    rule = {"protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "203.0.113.0/24"}
    assert [rule.items() <= one.items() for one in group["rules"]] == [True]


def test_who_reaches_a_port_of_a_server(cast: factories.Cast, member: Client) -> None:
    server = cast.atlas.servers.get(name="web-01").external_id
    said = get(member, f"{ATLAS}/servers/{server}/reach?port=443").json()
    port = next(one for one in said if one["floating_addresses"])
    assert (port["addresses"], port["floating_addresses"], port["filtered"]) == (["10.0.4.17"], ["198.51.100.24"], True)
    assert [(way["anywhere"], way["families"]) for way in port["ways"]] == [(True, [4, 6])]
    ssh = next(
        one for one in get(member, f"{ATLAS}/servers/{server}/reach?port=22").json() if one["floating_addresses"]
    )
    assert [way["cidr"] for way in ssh["ways"]] == ["203.0.113.0/24"]
    assert get(member, f"{ATLAS}/servers/{server}/reach?port=443&protocol=udp").json()[0]["ways"] == []
    for wrong in ("", "?port=65536", "?port=443&protocol=ip", "?port=443&from=office"):
        problem(get(member, f"{ATLAS}/servers/{server}/reach{wrong}"), 422, "invalid")
    assert get(member, f"{ATLAS}/servers/nowhere/reach?port=1").status_code == 404


def test_a_log_and_a_console_are_fetched_when_they_are_asked_for(
    cast: factories.Cast, member: Client, redis: Any
) -> None:
    server = cast.atlas.servers.get(name="web-01").external_id
    grant = Grant.objects.get(user=cast.member).pk
    path = f"{ATLAS}/servers/{server}/log?lines=201"
    asked = get(member, path)
    assert (asked.status_code, asked.json()["at"], asked["Retry-After"]) == (202, None, "1")
    assert get(member, path).status_code == 202
    assert b"".join(redis.lrange("celery", 0, -1)).count(b"projects.fetch") == 1
    asking.keep(Wanted(cast.atlas.pk, grant, "console-log", server, 2000), Note(timezone.now(), "booting\x1b[0m"))
    assert get(member, path).json()["text"] == "booting\x1b[0m"
    assert get(member, path).status_code == 200
    assert get(member, f"{ATLAS}/servers/{server}/log").status_code == 202  # another length
    problem(get(member, f"{ATLAS}/servers/{server}/log?lines=20001"), 422, "invalid")

    console = f"{ATLAS}/servers/{server}/console"
    assert post(member, console).status_code == 202
    asking.keep(Wanted(cast.atlas.pk, grant, "console", server), Note(timezone.now(), "http://cloud/vnc?token=x"))
    assert post(member, console).json()["text"] == "http://cloud/vnc?token=x"
    assert post(member, console).status_code == 202  # given once
    other = Client()
    factories.log_in(other, cast.reader)
    assert get(other, path).status_code == 202
    assert get(other, f"{ATLAS}/servers/nowhere/log").status_code == 404


def test_changes_by_kind_thing_and_time(cast: factories.Cast, member: Client) -> None:
    rows, _pages = all_of(member, f"{ATLAS}/changes?limit=2")
    assert [row["seen_at"] for row in rows] == sorted((row["seen_at"] for row in rows), reverse=True)
    newest = Change.objects.filter(tenant=cast.atlas).first()
    path = f"{ATLAS}/changes?kind={newest.kind}&external_id={newest.external_id}&verb={newest.verb}"
    first = get(member, path).json()["items"][0]
    assert (first["name"], first["origin"], first["operation"]) == (newest.name, "outside", None)
    cause = operation(cast.atlas, cast.reader, "attach-volume", attaching(cast.atlas, "logs-archive", "bastion"))
    Change.objects.filter(pk=newest.pk).update(origin=Change.Origin.RESULT, cause=cause)
    first = get(member, path).json()["items"][0]
    assert (first["origin"], first["operation"]) == ("result", cause.pk)
    stamp = newest.seen_at.isoformat().replace("+", "%2B")
    assert get(member, f"{ATLAS}/changes?until={stamp}").json()["total"] == len(rows) - 1
    assert get(member, f"{ATLAS}/changes?since={stamp}").json()["total"] == 1
    problem(get(member, f"{ATLAS}/changes?since=yesterday"), 422, "invalid")
    problem(get(member, f"{ATLAS}/changes?since=2026-01-01T00:00:00"), 422, "invalid")  # of which zone?


def test_usage_by_measure_and_time(cast: factories.Cast, member: Client) -> None:
    factories.samples(cast.atlas, Measure.VCPUS, [10, 20], 40, days=1)
    factories.samples(cast.atlas, Measure.SERVERS, [3], None, days=1)
    rows, _pages = all_of(member, f"{ATLAS}/usage?measure=vcpus&limit=100")
    assert len(rows) == 288
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert (rows[0]["used"], rows[-1]["used"], rows[0]["allowed"]) == (10, 20, 40)
    both = get(member, f"{ATLAS}/usage?measure=vcpus&measure=servers").json()
    assert both["total"] == 576
    problem(get(member, f"{ATLAS}/usage?measure=money"), 422, "invalid")


def test_operations_by_state_action_person_thing_and_word(cast: factories.Cast, member: Client) -> None:
    history(cast)
    one = operation(cast.atlas, cast.reader, "attach-volume", attaching(cast.atlas, "logs-archive", "bastion"))
    rows, _pages = all_of(member, f"{ATLAS}/operations?limit=2")
    assert [row["asked_at"] for row in rows] == sorted((row["asked_at"] for row in rows), reverse=True)
    server = factories.ident("atlas@north/server/bastion")
    for query in (f"by=reader&thing=server:{server}", f"q={one.pk}", "by=reader&action=attach-volume&state=done"):
        assert [row["id"] for row in get(member, f"{ATLAS}/operations?{query}").json()["items"]] == [one.pk], query
    assert get(member, f"{ATLAS}/operations?thing=server:none").json()["total"] == 0
    problem(get(member, f"{ATLAS}/operations?state=lost"), 422, "invalid")
    said = get(member, f"{ATLAS}/operations/{one.pk}").json()
    assert said["title"] == "Attached logs-archive to bastion"
    assert [step["title"] for step in said["steps"]] == ["Asked for it", "It is in use"]
    assert {(one["kind"], one["name"]) for one in said["targets"]} == {
        ("volume", "logs-archive"),
        ("server", "bastion"),
    }
    assert (said["may_undo"], said["may_retry"]) == (True, False)


def test_projects_and_tenants_are_mine_with_my_role(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.reader)
    said = get(client, f"{ROOT}/projects").json()
    assert [(one["slug"], [place["role"] for place in one["tenants"]]) for one in said["items"]] == [
        ("atlas", ["reader", "reader"])
    ]
    assert [one["handle"] for one in get(client, f"{ROOT}/tenants").json()["items"]] == ["atlas@north", "atlas@south"]
    assert get(client, f"{ROOT}/projects?q=bor").json()["total"] == 0
    limits = {one["measure"]: one for one in get(client, ATLAS).json()["limits"]}
    assert (limits["vcpus"]["used"], limits["vcpus"]["allowed"]) == (38, 40)


def test_search_finds_things_of_mine_only(cast: factories.Cast, client: Client) -> None:
    factories.log_in(client, cast.reader)
    said = {one["kind"]: one for one in get(client, f"{ROOT}/search?q=e&limit=3").json()}
    assert said["servers"]["total"] > len(said["servers"]["items"]) == 3
    assert {hit["tenant"] for one in said.values() for hit in one["items"]} <= {"atlas@north", "atlas@south"}
    assert "key-pairs" not in said
    for one in said.values():
        for hit in one["items"]:
            assert get(client, hit["url"]).json()["external_id"] == hit["external_id"]


@pytest.mark.parametrize(
    ("path", "most"),
    [("servers?limit=200", 7), ("security-groups", 8), ("key-pairs", 8), ("operations", 12), ("usage", 8)],
)
def test_a_list_costs_the_same_few_queries_however_long_it_is(
    cast: factories.Cast, member: Client, path: str, most: int
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert get(member, f"{ATLAS}/{path}").status_code == 200
        return len(queries)

    get(member, f"{ATLAS}/{path}")
    operation(cast.atlas, cast.member, "attach-volume", attaching(cast.atlas, "logs-archive", "bastion"))
    few = cost()
    factories.many_servers(cast.atlas, 150)
    for n in range(20):
        operation(cast.atlas, cast.member, "create-volume", {"name": f"x{n}", "size_gb": 1})
        factories.group(cast.atlas, f"group-{n}", "", ("tcp", 22, "10.0.0.0/8", ""))
        factories.key_pair(cast.atlas, "member", f"pair-{n}")
    assert cost() == few <= most
