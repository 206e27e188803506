"""The pages that are looked at first: welcome, project, tenant, locations, search, and what is gone."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.ui import formats
from projects import figures, freshness, platforms
from projects.models import Change, Discovery, Limit, Location, Membership, Reading, Tenant
from projects.pages import changes, usage
from services.compute.flavors.room import room
from services.compute.models import Server
from services.network.figures import OPEN
from services.network.models import SecurityGroupRule
from services.network.security_groups import rule_rows as rules
from services.object_storage.models import Container
from services.openstack.words import Measure, Service
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(client: Client) -> factories.Cast:
    people = factories.cast()
    factories.log_in(client, people.member)
    return people


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode().replace("\xa0", " ")


def test_the_welcome_page_names_what_needs_me(client: Client, cast: factories.Cast) -> None:
    factories.down(cast.south)
    page = text(client, "/")
    said = "2 projects in 2 locations. 1 project is not up to date here. Three things are known to need you."
    assert said in page
    assert "worker-07 stopped with an error" in page
    assert "No host in north had 16 GB of memory and 4 vCPU free." in page
    assert "South has not answered since" in page
    assert "vCPUs: 38 of 40 are used" in page


def test_a_reader_is_told_who_can_free_something(client: Client) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    assert "Free some, or ask the operator of north" in client.get("/").content.decode()
    factories.log_in(client, cast.reader)
    page = client.get("/").content.decode()
    assert "Members of the project can free some, and the operator of north raise the limit." in page
    assert "Free some, or ask" not in page


def test_the_welcome_page_says_when_nothing_needs_me(client: Client, cast: factories.Cast) -> None:
    Server.objects.filter(status="ERROR").delete()
    Limit.objects.filter(measure=Measure.VCPUS).delete()
    page = text(client, "/")
    assert "Nothing needs you." in page
    assert "Needs attention" not in page


def test_the_welcome_page_does_not_say_that_all_is_well_where_nothing_was_read(
    client: Client, cast: factories.Cast
) -> None:
    Server.objects.filter(status="ERROR").delete()
    Limit.objects.filter(measure=Measure.VCPUS).delete()
    Tenant.objects.filter(pk=cast.atlas.pk).update(as_of=None)
    cast.atlas.readings.update(as_of=None)
    page = text(client, "/")
    assert "1 project is not up to date here. Nothing is known to need you." in page
    assert "Nothing needs you." not in page


def test_many_errors_are_told_in_one_line_with_their_number(client: Client, cast: factories.Cast) -> None:
    for n in range(20):
        factories.server(cast.atlas, f"broken-{n}", status="ERROR")
    page = text(client, "/")
    assert page.count('<span class="md-status md-status--bad">') == 5 + 1  # five by name, one line for the rest
    assert "16 more servers are in error" in page


def test_what_needs_others_is_not_told_to_me(client: Client, cast: factories.Cast) -> None:
    factories.log_in(client, cast.reader)
    factories.server(cast.borealis, "secret-plan", status="ERROR")
    page = text(client, "/")
    assert "secret-plan" not in page
    assert "borealis" not in page


def test_a_first_login_shows_that_projects_are_looked_for_and_keeps_asking(
    client: Client, cast: factories.Cast
) -> None:
    Discovery.objects.filter(user=cast.stranger).delete()
    factories.log_in(client, cast.stranger)
    response = client.get("/")
    assert "Looking for your projects in north and south." in response.content.decode()
    assert response["X-Meshdeck-Changing"] == "1"
    version = response["X-Meshdeck-Version"]
    factories.join(cast.stranger, cast.borealis)
    response = client.get("/", headers={"X-Meshdeck-Version": version})
    assert response.status_code == 200
    assert "Weather model runs" in response.content.decode()


def test_a_stranger_is_told_what_each_location_answered_and_whom_to_ask(client: Client, cast: factories.Cast) -> None:
    Discovery.objects.filter(user=cast.stranger, location=cast.south).update(reason="No answer within 10 s.")
    Location.objects.filter(pk=cast.north.pk).update(support="cloud-team@example.org")
    factories.log_in(client, cast.stranger)
    page = text(client, "/")
    assert "knows no project of yours" in page
    assert "No answer within 10 s." in page
    assert "Ask an admin of the project to add you" in page
    assert "cloud-team@example.org" in page


def test_the_tenant_page_shows_every_limit_that_the_cloud_states(client: Client, cast: factories.Cast) -> None:
    page = text(client, "/atlas@north/")
    for limit in Limit.objects.filter(tenant=cast.atlas):
        assert str(platforms.measure_of(limit.measure).label) in page
    assert "2 left, enough for one more m1.medium" in page
    assert "3 more limits" in page


def test_a_limit_whose_use_the_cloud_does_not_state_is_no_zero(client: Client, cast: factories.Cast) -> None:
    factories.limits(cast.atlas, routers=(None, 10))
    assert "used: not stated" in text(client, "/atlas@north/")


def test_what_still_fits_is_told_by_the_scarcest_limit() -> None:
    def limit(used: int, allowed: int | None) -> Limit:
        return Limit(used=used, allowed=allowed)

    from services.compute.models import Flavor

    flavors = [Flavor(name="small", vcpus=1, ram_mb=2048), Flavor(name="large", vcpus=4, ram_mb=16384)]
    full = {"vcpus": limit(30, 40), "ram_mb": limit(150 * 1024, 160 * 1024), "servers": limit(5, None)}
    assert room(full, flavors) == "enough for 5 more small"
    assert room(full | {"servers": limit(19, 20)}, flavors) == "enough for one more small"
    assert room(full | {"servers": limit(20, 20)}, flavors) == "not enough for another server"


def names(page: str) -> list[str]:
    """Return the servers that the overview names, in its order."""
    return re.findall(r'href="/atlas@north/servers/[^"/]+/">([^<]+)</a>', page[page.index("md-roll") :])


def test_the_overview_names_servers_those_in_error_first_then_the_newest(client: Client, cast: factories.Cast) -> None:
    Server.objects.filter(tenant=cast.atlas).update(created_at=timezone.now() - timedelta(days=9))
    for n in range(15):
        row = factories.server(cast.atlas, f"new-{n:02}")
        Server.objects.filter(pk=row.pk).update(created_at=timezone.now())
    Tenant.objects.filter(pk=cast.atlas.pk).update(figures=figures.measure(cast.atlas))
    page = text(client, "/atlas@north/")
    found = names(page)
    assert len(found) == 18
    assert found[0] == "worker-07"
    assert {f"new-{n:02}" for n in range(15)} < set(found)
    assert found[1:] == sorted(found[1:])
    assert "18 of 29" in page


def test_the_overview_names_all_of_a_few_servers_and_says_no_number(client: Client, cast: factories.Cast) -> None:
    Server.objects.filter(tenant=cast.atlas).exclude(name__in=["web-01", "db-01"]).delete()
    Tenant.objects.filter(pk=cast.atlas.pk).update(figures=figures.measure(cast.atlas))
    page = text(client, "/atlas@north/")
    assert names(page) == ["db-01", "web-01"]
    assert "2 of 2" not in page


def test_the_servers_of_an_overview_that_is_old_are_told_as_they_were(client: Client, cast: factories.Cast) -> None:
    factories.down(cast.north)
    page = text(client, "/atlas@north/")
    said = page[page.index("md-roll") :]
    assert "was running" in said
    assert "was stopped" in said
    assert "was in error" in said


def test_the_plot_can_be_asked_for_other_ranges_measures_and_as_a_table(client: Client, cast: factories.Cast) -> None:
    factories.samples(cast.atlas, Measure.SERVERS, [3, 9], 20, days=1)
    page = text(client, "/atlas@north/?range=24h&measure=servers&as=table")
    assert "Servers, the last 24 hours" in page
    assert page.count('role="rowheader"') >= 2
    # What is not offered falls back to the first choice.
    assert client.get("/atlas@north/?range=100y&measure=password&as=x").status_code == 200


def test_a_new_sample_is_drawn_at_once(client: Client, cast: factories.Cast) -> None:
    factories.samples(cast.atlas, Measure.SERVERS, [3], 20, days=0.5)
    address = "/atlas@north/?range=24h&measure=servers&as=table"
    assert ">7<" not in text(client, address)
    factories.limits(cast.atlas, servers=(7, 20))
    assert ">7<" in text(client, address)


def test_a_tenant_that_is_away_shows_what_was_known_and_which_service_answers(
    client: Client, cast: factories.Cast
) -> None:
    factories.down(cast.south)
    page = text(client, "/atlas@south/")
    assert "South is not answering." in page
    assert "23 minutes ago" in page
    assert "4 tries so far, the next at" in page
    assert "req-7f3c1e" in page
    assert "What answers in south" in page
    assert page.count("md-wire--bad") == 2
    assert "5 were running" in page


def test_a_tenant_of_which_nothing_is_known_says_so(client: Client, cast: factories.Cast) -> None:
    Tenant.objects.filter(pk=cast.borealis.pk).update(figures={}, as_of=None)
    Reading.objects.filter(tenant=cast.borealis).delete()
    assert "for the first time" in text(client, "/borealis@north/")
    assert client.get("/").status_code == client.get("/projects/borealis/").status_code == 200
    factories.down(cast.north)
    Tenant.objects.filter(pk=cast.borealis.pk).update(as_of=None)
    Reading.objects.filter(tenant=cast.borealis).delete()
    assert "nothing to show yet" in text(client, "/borealis@north/")


def test_what_was_never_read_is_no_zero_on_any_page(client: Client, cast: factories.Cast) -> None:
    """Networking failed at the first refresh, and the location has no object store at all."""
    Reading.objects.filter(tenant=cast.atlas, service=Service.NETWORK).update(
        as_of=None, reason="Network did not answer in time."
    )
    Reading.objects.filter(tenant=cast.atlas, service=Service.OBJECT_STORE).delete()
    factories.measure(cast.atlas)

    hero = {one.label: (one.value, one.lines) for one in client.get("/atlas@north/").context["hero"]}
    assert hero["Floating IPs"] == hero["Security groups"] == ("–", ("could not be read yet",))
    assert hero["Objects"] == ("–", ("north does not offer this",))
    assert hero["Servers"][0] == "14"
    totals = {one.label: (one.value, one.lines) for one in client.get("/projects/atlas/").context["totals"]}
    assert totals["Floating IPs"][1][-1] == "not read in north"
    row = client.get("/").context["projects"][0].places[0]
    assert [str(one.value) for one in row.figures][::2] == ["14", "–"]


def test_try_now_asks_for_a_refresh_although_the_location_rests(client: Client, cast: factories.Cast) -> None:
    factories.down(cast.south)
    freshness.look_at(Tenant.objects.get(pk=cast.atlas_south.pk), factories.log_in(client, cast.member))
    assert Tenant.objects.get(pk=cast.atlas_south.pk).refresh_started_at is None
    response = client.post("/atlas@south/try-now/")
    assert response["Location"] == "/atlas@south/"
    assert Tenant.objects.get(pk=cast.atlas_south.pk).refresh_started_at is not None


def test_the_project_page_adds_its_locations_up(client: Client, cast: factories.Cast) -> None:
    totals = {figure.label: str(figure.value) for figure in client.get("/projects/atlas/").context["totals"]}
    assert totals["Servers"] == "19"
    assert totals["Volumes"].replace("\xa0", " ") == "856 GB"
    assert totals["Floating IPs"] == "4"


def test_a_resource_that_is_gone_tells_its_story_to_members_only(client: Client, cast: factories.Cast) -> None:
    gone = factories.ident("atlas@north/server/old-01")
    response = client.get(f"/atlas@north/servers/{gone}/")
    assert response.status_code == 404
    assert "old-01" in response.content.decode()
    factories.log_in(client, cast.stranger)
    assert "old-01" not in text(client, f"/atlas@north/servers/{gone}/")


def test_a_containers_name_is_no_part_of_an_address(client: Client, cast: factories.Cast) -> None:
    name = "50% off? #1"
    Container.objects.create(
        tenant=cast.atlas, external_id=name, name=name, first_seen_at=timezone.now(), changed_at=timezone.now()
    )
    factories.change(cast.atlas, "container", name, Change.Verb.APPEARED, 1, name)
    told = client.get("/atlas@north/changes/").context["events"][0].url
    found = client.get("/search/?q=50%25").context["groups"][0].items[0].url
    assert told == found
    assert "50% off? #1" in text(client, told)


def test_who_uses_a_place_that_is_not_mine_is_not_told_to_me(client: Client, cast: factories.Cast) -> None:
    """Another place's project of the same name may belong to people who have nothing to do with me."""
    Membership.objects.exclude(user=cast.member).delete()
    Membership.objects.filter(tenant=cast.atlas_south).delete()
    factories.join(cast.stranger, cast.atlas_south)
    assert "other uses Meshdeck" not in text(client, "/projects/atlas/")


def test_search_finds_only_what_is_mine(client: Client, cast: factories.Cast) -> None:
    def found(word: str) -> str:
        return client.get("/search/", {"q": word}, headers={"HX-Request": "true"}).content.decode()

    assert "bastion" in found("10.0.4.5")
    assert "198.51.100.24" in found("198.51.100.24")
    assert "<mark>web-p</mark>ublic" in found("WEB-P".lower())
    factories.server(cast.borealis, "unique-name")
    assert "unique-name" in found("unique-name")
    factories.log_in(client, cast.reader)
    assert "/borealis" not in found("unique-name")
    assert "Nothing in your projects" in found("unique-name")


def test_search_shows_eight_of_a_kind_and_says_how_many_there_are(client: Client, cast: factories.Cast) -> None:
    factories.many_servers(cast.borealis, 30)
    page = client.get("/search/?q=bulk", headers={"HX-Request": "true"}).content.decode()
    assert "Servers, 8 of 30" in page
    assert page.count('icons.svg#server"') == 8


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("server", {"status": ["ACTIVE", "SHUTOFF"]}, "was stopped"),
        ("server", {"status": ["SHUTOFF", "ACTIVE"]}, "was started"),
        ("server", {"status": ["BUILD", "ACTIVE"]}, "is running"),
        ("server", {"status": ["BUILD", "ERROR"]}, "went into an error"),
        ("server", {"flavor_name": ["a", "b"], "name": ["x", "y"]}, "was resized to b, was called x before"),
        ("server", {"security_groups": [["a"], ["b"]]}, "is now in group b, is no longer in group a"),
        ("volume", {"size_gb": [10, 20]}, "grew from 10 to 20 GB"),
        ("volume", {"attachments": [["s"], []]}, "was detached"),
        ("volume", {"status": ["creating", "available"]}, "is now: available"),
        ("server", {"status": ["ACTIVE", "NEW_STATE"]}, "is now: NEW_STATE"),
        ("securitygroup", {"rules": [[], ["ingress tcp 22"]]}, "has a new rule: ingress tcp 22"),
    ],
)
def test_a_change_is_told_as_something_that_happened(kind: str, fields: dict[str, list[object]], said: str) -> None:
    change = Change(kind=kind, external_id="1", name="x", verb="changed", fields=fields, seen_at=timezone.now())
    assert changes.event_of(change, "atlas@north").what == said


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ({"protocol": "tcp", "port_min": 443, "port_max": 443}, "443/tcp"),
        ({"protocol": "6", "port_min": 443, "port_max": 443}, "443/tcp"),
        ({"protocol": "udp", "port_min": 8000, "port_max": 8100}, "8000-8100/udp"),
        ({"protocol": "tcp"}, "all tcp"),
        ({"protocol": "tcp", "port_min": 1, "port_max": 65535}, "all tcp"),
        ({"protocol": "icmp"}, "icmp"),
        ({"protocol": "icmp", "port_min": 8, "port_max": 0}, "icmp type 8 code 0"),
        ({"protocol": "1", "port_min": 8}, "icmp type 8"),
        ({"protocol": "vrrp"}, "all vrrp"),
        ({}, "everything"),
    ],
)
def test_a_rules_ports_are_said_plainly(rule: dict[str, object], what: str) -> None:
    assert rules.what(SecurityGroupRule(**rule)) == what


@pytest.mark.parametrize(
    ("rule", "opened"),
    [
        ({"direction": "ingress", "remote_cidr": "0.0.0.0/0"}, True),
        ({"direction": "ingress", "remote_cidr": "::/0"}, True),
        ({"direction": "ingress"}, True),
        ({"direction": "ingress", "remote_group_id": "g"}, False),
        ({"direction": "ingress", "remote_cidr": "10.0.0.0/8"}, False),
        ({"direction": "egress"}, False),
    ],
)
def test_open_to_anywhere_means_the_same_in_a_row_and_in_a_query(
    cast: factories.Cast, rule: dict[str, str], opened: bool
) -> None:
    SecurityGroupRule.objects.all().delete()
    row = SecurityGroupRule.objects.create(
        **factories.seen(timezone.now(), cast.atlas, "r", ""), group_id="g", ethertype="IPv4", **rule
    )
    assert rules.is_open(row) is opened
    assert SecurityGroupRule.objects.filter(OPEN).exists() is opened


def test_who_reaches_a_port_is_answered_by_the_groups_of_that_port(client: Client, cast: factories.Cast) -> None:
    web = factories.ident("atlas@north/server/web-01")
    page = text(client, f"/atlas@north/servers/{web}/?to=443")
    assert "Everyone on the internet" in page
    assert "by web-public" in page
    assert "group app, by" not in page
    assert "Nobody." in text(client, f"/atlas@north/servers/{web}/?to=5432")
    assert "A port is a number" in text(client, f"/atlas@north/servers/{web}/?to=99999")


def test_an_old_error_of_a_service_is_told_on_the_tenant_page(client: Client, cast: factories.Cast) -> None:
    Reading.objects.filter(tenant=cast.atlas, service=Service.COMPUTE).update(
        reason="no answer in 10 s", as_of=timezone.now() - timedelta(minutes=9)
    )
    page = text(client, "/atlas@north/")
    assert "Compute of north could not be read." in page
    assert "No answer in 10 s." in page
    assert "Servers, at" in page
    assert "Volumes, at" not in page


def test_what_the_cloud_told_at_first_sight_reads_as_created_then(cast: factories.Cast) -> None:
    told = factories.change(cast.atlas, "server", "web-09", "appeared", 40, created_at=[None, "2026-11-01T10:00:00Z"])
    event = changes.event_of(told, "atlas@north")
    assert (event.name, event.what) == ("web-09", "was created (server)")
    assert event.meta == formats.short_moment(told.seen_at)


def test_before_the_first_sample_the_page_says_when_it_comes(client: Client, cast: factories.Cast) -> None:
    assert "The first sample arrives within 5 minutes." in text(client, "/atlas@north/")
    assert "first sample within 5 min" in text(client, "/")


@pytest.mark.parametrize(("days", "chosen"), [(0.03, "2h"), (0.1, "24h"), (3, "7d")])
def test_young_samples_choose_the_shortest_range_that_holds_them(
    client: Client, cast: factories.Cast, days: float, chosen: str
) -> None:
    factories.samples(cast.atlas, Measure.VCPUS, [4, 6], 40, days=days)
    assert f'href="?range={chosen}" aria-current="true"' in text(client, "/atlas@north/")


def test_a_young_plot_says_since_when(client: Client, cast: factories.Cast) -> None:
    factories.samples(cast.atlas, Measure.VCPUS, [4, 6], 40, days=0.1)
    page = text(client, "/atlas@north/")
    assert "Sampled every 5 minutes while in use, since" in page
    assert "vCPUs, 2 h" in text(client, "/")


def test_a_week_of_samples_is_shown_whole(client: Client, cast: factories.Cast) -> None:
    factories.samples(cast.atlas, Measure.VCPUS, [4, 6], 40)
    assert "Sampled every" not in text(client, "/atlas@north/")
    assert "vCPUs, 7 days" in text(client, "/")


def test_the_small_line_is_a_dot_from_the_first_sample_and_flat_from_the_second() -> None:
    end = timezone.now()
    once = usage.spark([(end - timedelta(minutes=5), 4)], end)
    assert once.values == [4, 4]
    later = usage.spark([(end - timedelta(minutes=40 - 5 * n), 4) for n in range(8)], end)
    assert set(later.values) == {4}


def test_the_small_line_breaks_where_nothing_was_sampled() -> None:
    end = timezone.now()
    samples = [(end - timedelta(minutes=200 - 5 * n), 4) for n in range(40) if not 10 <= n < 30]
    values = usage.spark(samples, end).values
    assert values[0] == values[-1] == 4
    assert None in values


def test_storage_that_counts_snapshots_says_so(client: Client, cast: factories.Cast) -> None:
    figures = Tenant.objects.get(pk=cast.atlas.pk).figures
    volumes, snapshots = figures["volumes"]["gb"], figures["snapshots"]["gb"]
    assert snapshots > 0
    for used, label in ((volumes, "Volume storage"), (volumes + snapshots, "Volumes and snapshots")):
        factories.limits(cast.atlas, volume_gb=(used, 1000))
        assert label in text(client, "/atlas@north/")
        assert label in text(client, "/projects/atlas/")
