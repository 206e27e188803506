"""What lists show: true counts, filters, order, pages, CSV, the command, and what they say when there is nothing."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import Location, Reading
from services.block_storage.models import Volume
from services.compute.models import Server
from services.network.models import SecurityGroup
from services.openstack.words import Service
from tests import factories

pytestmark = pytest.mark.django_db

SERVERS = "/atlas@north/servers/"


@pytest.fixture
def cast(client: Client) -> factories.Cast:
    people = factories.cast()
    factories.log_in(client, people.member)
    return people


def names(client: Client, address: str) -> list[str]:
    """Return the names in the rows of a list of servers."""
    return [row.name for row in client.get(address).context["page"]]


def test_the_count_says_what_the_filter_hides(client: Client, cast: factories.Cast) -> None:
    page = client.get(f"{SERVERS}?status=ACTIVE").content.decode()
    assert '<b class="strong">11</b> of 14 servers' in page
    assert "3 are hidden by the filter." in page
    assert '<a href="?">Show all 14</a>' in page


def test_a_filter_may_name_several_values(client: Client, cast: factories.Cast) -> None:
    found = client.get(f"{SERVERS}?status=SHUTOFF&status=ERROR")
    assert [row.name for row in found.context["page"]] == ["batch-01", "web-03", "worker-07"]
    assert "Status: Stopped, Error" in found.content.decode()


def test_an_unknown_value_of_a_filter_hides_everything_and_is_shown(client: Client, cast: factories.Cast) -> None:
    page = client.get(f"{SERVERS}?flavor=m9.gone").content.decode()
    assert "Flavor: m9.gone" in page
    assert "No servers fit the filter" in page
    assert "Show all 14" in page


def test_servers_are_filtered_by_network_group_and_zone(client: Client, cast: factories.Cast) -> None:
    backup = factories.ident("atlas@north/network/backup-net")
    group = SecurityGroup.objects.get(tenant=cast.atlas, name="db-internal").external_id
    assert names(client, f"{SERVERS}?network={backup}") == ["web-01"]
    assert names(client, f"{SERVERS}?group={group}") == ["db-01", "db-02"]
    assert names(client, f"{SERVERS}?zone=nova&flavor=m1.tiny") == ["bastion"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("WEB-0", ["web-01", "web-02", "web-03"]),
        ("10.0.4.2", ["db-01", "db-02"]),
        ("198.51.100.24", ["web-01"]),
        ("network", []),  # a key of the JSON that addresses are stored in, and nobody's name
        ("%", []),
    ],
)
def test_the_search_finds_names_and_addresses_and_nothing_else(
    client: Client, cast: factories.Cast, word: str, found: list[str]
) -> None:
    assert [row.name for row in client.get(SERVERS, {"q": word}).context["page"]] == found


def test_the_search_finds_the_beginning_of_an_id(client: Client, cast: factories.Cast) -> None:
    one = Server.objects.get(tenant=cast.atlas, name="bastion")
    assert names(client, f"{SERVERS}?q={one.external_id[:13].upper()}") == ["bastion"]


def test_a_column_sorts_both_ways_and_says_so(client: Client, cast: factories.Cast) -> None:
    up = client.get(f"{SERVERS}?sort=flavor")
    assert up.context["page"][0].name == "bastion"
    assert 'aria-sort="ascending"' in up.content.decode()
    down = client.get(f"{SERVERS}?sort=-flavor")
    assert down.context["page"][0].flavor_name == "m1.large"
    assert 'aria-sort="descending"' in down.content.decode()


@pytest.mark.parametrize("sort", ["tenant__memberships", "-password", "name,status", "--name", "?"])
def test_a_column_that_is_not_offered_is_not_sorted_by(client: Client, cast: factories.Cast, sort: str) -> None:
    rows = names(client, f"{SERVERS}?sort={sort}")
    assert rows == sorted(rows)


def test_rows_come_in_pages_of_fifty_and_no_row_is_lost(client: Client, cast: factories.Cast) -> None:
    factories.many_servers(cast.borealis, 120)
    address = "/borealis@north/servers/?sort=status"
    seen = [name for page in (1, 2, 3) for name in names(client, f"{address}&page={page}")]
    assert len(seen) == len(set(seen)) == 128
    assert "51 to 100 of 128 servers." in client.get(f"{address}&page=2").content.decode()
    # A page that has gone since shows the last one.
    assert len(names(client, f"{address}&page=99")) == 28


def test_csv_has_all_rows_of_the_filter_and_no_formulas(client: Client, cast: factories.Cast) -> None:
    factories.many_servers(cast.borealis, 120)
    factories.server(cast.borealis, "=cmd|' /C calc'!A1")
    response = client.get("/borealis@north/servers/?format=csv&status=ACTIVE")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="borealis-north-servers.csv"' in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(rows) == 129
    assert {"id", "name", "status", "addresses", "flavor"} <= set(rows[0])
    assert [row["name"] for row in rows if "cmd" in row["name"]] == ["'=cmd|' /C calc'!A1"]


def test_the_list_is_shown_as_a_command_with_its_filters(client: Client, cast: factories.Cast) -> None:
    page = client.get(f"{SERVERS}?status=ACTIVE&flavor=m1.large").content.decode()
    assert "openstack --os-cloud=atlas-north server list --status=ACTIVE --flavor=m1.large" in page


@pytest.mark.parametrize("value", ["--os-auth-url=http://attacker.test/v3", "a;rm -rf", "$(reboot)", "m1.none"])
def test_no_stranger_writes_into_the_command_of_a_list(client: Client, cast: factories.Cast, value: str) -> None:
    page = client.get(SERVERS, {"status": "ACTIVE", "flavor": value, "zone": value}).content.decode()
    assert 'data-copy="openstack --os-cloud=atlas-north server list --status=ACTIVE"' in page


def test_a_value_of_the_cloud_stays_with_its_option(client: Client, cast: factories.Cast) -> None:
    Server.objects.filter(tenant=cast.atlas).update(zone="--os-token=x y")
    cast.atlas.grow()
    page = client.get(SERVERS, {"zone": "--os-token=x y"}).content.decode()
    assert "server list --availability-zone=&#x27;--os-token=x y&#x27;" in page


def test_names_of_resources_are_escaped(client: Client, cast: factories.Cast) -> None:
    evil = "<script>alert(1)</script>"
    row = factories.server(cast.atlas, evil, addresses=("<img src=x>",), groups=(evil,))
    factories.volume(cast.atlas, evil, 1, server=evil)
    for address in (SERVERS, f"{SERVERS}{row.external_id}/", "/atlas@north/volumes/", f"{SERVERS}?q={evil}"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_an_empty_list_says_what_such_things_are_for_and_how_to_make_one(client: Client, cast: factories.Cast) -> None:
    page = client.get("/borealis@north/snapshots/").content.decode()
    assert "No snapshots yet" in page
    assert "openstack --os-cloud=borealis-north volume snapshot create" in page


def test_a_list_that_was_never_read_says_so_instead_of_showing_nothing(client: Client, cast: factories.Cast) -> None:
    Reading.objects.filter(tenant=cast.borealis).delete()
    page = client.get("/borealis@north/images/").content.decode()
    assert "for the first time" in page
    assert "No images yet" not in page


def test_a_list_of_what_the_location_has_no_service_for_says_so(client: Client, cast: factories.Cast) -> None:
    Reading.objects.filter(tenant=cast.atlas, service=Service.OBJECT_STORE).delete()
    page = client.get("/atlas@north/containers/").content.decode()
    assert "north has no service for containers" in page
    assert "for the first time" not in page


def test_rows_of_a_location_that_is_down_are_dated(client: Client, cast: factories.Cast) -> None:
    factories.down(cast.south)
    page = client.get("/atlas@south/servers/").content.decode()
    assert "South is not answering." in page
    assert "North works as usual." in page
    assert "Last seen running" in page
    assert "md-status--ok" not in page.partition("<tbody")[2].partition("</tbody>")[0]


def test_one_service_that_fails_dates_its_own_lists_only(client: Client, cast: factories.Cast) -> None:
    Reading.objects.filter(tenant=cast.atlas, service=Service.BLOCK_STORAGE).update(
        reason="no answer in 10 s", as_of=timezone.now() - timedelta(minutes=5)
    )
    assert "could not be read" in client.get("/atlas@north/volumes/").content.decode()
    assert "could not be read" not in client.get(SERVERS).content.decode()


def test_a_volume_of_no_name_can_be_opened(client: Client, cast: factories.Cast) -> None:
    row = factories.volume(cast.atlas, "", 7)
    Volume.objects.filter(pk=row.pk).update(name="")
    page = client.get("/atlas@north/volumes/").content.decode()
    assert f'href="{row.external_id}/">{row.external_id}</a>' in page


def test_a_poll_of_an_unchanged_list_is_answered_without_reading_it(client: Client, cast: factories.Cast) -> None:
    first = client.get(SERVERS)
    version = first["X-Meshdeck-Version"]
    with CaptureQueriesContext(connection) as captured:
        quiet = client.get(SERVERS, headers={"X-Meshdeck-Version": version})
    assert (quiet.status_code, quiet.content) == (204, b"")
    assert quiet["X-Meshdeck-As-Of"]
    assert not [query for query in captured if "projects_server" in query["sql"]]
    cast.atlas.version += 1
    cast.atlas.save()
    assert client.get(SERVERS, headers={"X-Meshdeck-Version": version}).status_code == 200


def test_a_poll_hears_of_a_location_that_went_away(client: Client, cast: factories.Cast) -> None:
    for address in ("/", "/atlas@south/", "/atlas@south/servers/", "/projects/atlas/", "/locations/"):
        version = client.get(address)["X-Meshdeck-Version"]
        assert client.get(address, headers={"X-Meshdeck-Version": version}).status_code == 204, address
    seen = {a: client.get(a)["X-Meshdeck-Version"] for a in ("/", "/atlas@south/", "/projects/atlas/", "/locations/")}
    factories.down(cast.south)
    for address, version in seen.items():
        assert client.get(address, headers={"X-Meshdeck-Version": version}).status_code == 200, address


def test_a_poll_hears_of_a_location_that_answers_only_in_part(client: Client, cast: factories.Cast) -> None:
    version = client.get(SERVERS)["X-Meshdeck-Version"]
    Location.objects.filter(pk=cast.north.pk).update(health=Location.Health.DEGRADED)
    assert client.get(SERVERS, headers={"X-Meshdeck-Version": version}).status_code == 200
