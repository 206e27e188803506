"""Key pairs: each person sees their own, in the list, the search, the menu and on pages, and nobody else's."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from projects.models import Change, Membership, Reading, Tenant
from services.compute.models import KeyPair
from services.openstack.words import Service
from tests import factories
from tests.unit.test_pages_access import without_address

pytestmark = pytest.mark.django_db

LIST = "/atlas@north/key-pairs/"


@pytest.fixture
def cast(client: Client) -> factories.Cast:
    """Member has three key pairs; admin has two, one of which has the name of one of member's."""
    people = factories.cast()
    factories.key_pair(people.atlas, "admin", "ops-only", type="x509")
    factories.key_pair(people.atlas, "admin", "deploy")
    factories.log_in(client, people.member)
    return people


def names(client: Client, address: str = LIST) -> list[str]:
    return [pair.name for pair in client.get(address).context["page"]]


def fingerprint(owner: str, name: str) -> str:
    atlas = Tenant.objects.get(project__slug="atlas", location__name="north")
    return KeyPair.objects.get(tenant=atlas, name=name, user_id=factories.cloud_id(owner, atlas)).fingerprint


def test_the_list_has_ones_own_and_nobody_elses(client: Client, cast: factories.Cast) -> None:
    page = client.get(LIST).content.decode()
    assert names(client) == ["deploy", "member-desktop", "member-laptop"]
    assert "ops-only" not in page
    assert "3 key pairs" in page
    assert f'data-copy="{fingerprint("member", "deploy")}"' in page
    assert fingerprint("admin", "deploy") not in page

    factories.log_in(client, cast.admin)
    assert names(client) == ["deploy", "ops-only"]
    assert fingerprint("member", "deploy") not in client.get(LIST).content.decode()
    factories.log_in(client, cast.reader)
    assert names(client) == []
    assert "No key pairs of yours yet" in client.get(LIST).content.decode()


@pytest.mark.parametrize("address", ["?q=ops", "?type=x509", "?sort=-type", "?user_id=x", "?page=2"])
def test_nothing_in_the_address_shows_those_of_others(client: Client, cast: factories.Cast, address: str) -> None:
    answer = client.get(LIST + address)
    assert {pair.name for pair in answer.context["page"]} <= {"deploy", "member-desktop", "member-laptop"}
    assert answer.context["total"] == 3
    assert b"ops-only" not in answer.content


def test_csv_has_ones_own_only(client: Client, cast: factories.Cast) -> None:
    response = client.get(f"{LIST}?format=csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["name"] for row in rows] == ["deploy", "member-desktop", "member-laptop"]
    assert rows[0]["fingerprint"] == fingerprint("member", "deploy")


def test_the_menu_counts_ones_own(client: Client, cast: factories.Cast) -> None:
    def counted() -> object:
        groups = client.get("/atlas@north/servers/").context["shell"].groups
        return next(item.count for group in groups for item in group.items if item.key == "key-pairs")

    assert counted() == 3
    factories.log_in(client, cast.admin)
    assert counted() == 2
    factories.log_in(client, cast.reader)
    assert counted() == 0
    Membership.objects.update(own_as_of=None)
    assert counted() is None


def test_a_page_of_the_same_name_is_the_readers_own(client: Client, cast: factories.Cast) -> None:
    page = client.get(f"{LIST}deploy/").content.decode()
    assert fingerprint("member", "deploy") in page
    assert fingerprint("admin", "deploy") not in page
    factories.log_in(client, cast.admin)
    page = client.get(f"{LIST}deploy/").content.decode()
    assert fingerprint("admin", "deploy") in page


def test_one_of_another_member_answers_like_one_that_does_not_exist(client: Client, cast: factories.Cast) -> None:
    of_another, nowhere = client.get(f"{LIST}ops-only/"), client.get(f"{LIST}ops-none/")
    assert of_another.status_code == nowhere.status_code == 404
    assert without_address(of_another.content) == without_address(nowhere.content.replace(b"ops-none", b"ops-only"))


def test_the_search_finds_ones_own(client: Client, cast: factories.Cast) -> None:
    def found(q: str) -> list[str]:
        groups = client.get("/search/", {"q": q}).context["groups"]
        return [item.url for group in groups if group.title == "Key pairs" for item in group.items]

    assert found("ops-only") == []
    # A person has the same ones in all tenants of a location.
    assert found("deploy") == [
        f"/{handle}/key-pairs/deploy/" for handle in ("atlas@north", "atlas@south", "borealis@north")
    ]
    assert found(fingerprint("admin", "deploy")) == []
    factories.log_in(client, cast.admin)
    assert found("ops-only") == [f"{LIST}ops-only/"]


def test_whom_the_cloud_has_not_named_yet_has_none(client: Client, cast: factories.Cast) -> None:
    KeyPair.objects.filter(name="ops-only").update(user_id="")
    Membership.objects.filter(user=cast.member).update(cloud_user_id="")
    assert names(client) == []
    assert client.get(f"{LIST}deploy/").status_code == 404
    assert client.get(f"{LIST}ops-only/").status_code == 404


def test_a_key_pair_is_ones_own_in_the_tenant_where_the_cloud_knows_one_so(
    client: Client, cast: factories.Cast
) -> None:
    """Another location may know somebody else by the same id."""
    factories.key_pair(cast.atlas_south, "member", "southern")
    KeyPair.objects.filter(name="southern").update(user_id=factories.cloud_id("member", cast.atlas))
    assert names(client, "/atlas@south/key-pairs/") == ["deploy", "member-desktop", "member-laptop"]


def test_a_page_names_the_servers_that_its_owner_made_with_it(client: Client, cast: factories.Cast) -> None:
    admins = factories.server(
        cast.atlas, "of-admin", key_name="deploy", user_id=factories.cloud_id("admin", cast.atlas)
    )
    mine = factories.server(cast.atlas, "of-member", key_name="deploy")

    answer = client.get(f"{LIST}deploy/")
    assert [server.name for server in answer.context["servers"]] == [mine.name]
    assert admins.name not in answer.content.decode()
    assert {pair.name: n for pair, _type, n in client.get(LIST).context["rows"]} == {
        "deploy": 1,
        "member-desktop": 0,
        "member-laptop": 14,
    }


def test_a_server_leads_its_owner_to_the_key_pair(client: Client, cast: factories.Cast) -> None:
    server = factories.server(cast.atlas, "fresh", key_name="deploy")
    address, link = f"/atlas@north/servers/{server.external_id}/", f'href="{LIST}deploy/"'
    assert link in client.get(address).content.decode()
    factories.log_in(client, cast.admin)  # has another of that name
    page = client.get(address).content.decode()
    assert "deploy" in page
    assert link not in page


def test_key_pairs_that_were_not_read_of_this_person_are_unknown_and_not_none(
    client: Client, cast: factories.Cast
) -> None:
    Membership.objects.filter(user=cast.reader).update(own_as_of=None)
    factories.log_in(client, cast.reader)
    page = client.get(LIST).content.decode()
    assert "for the first time" in page
    assert "No key pairs of yours yet" not in page


def test_the_page_is_dated_by_the_persons_own_reading(client: Client, cast: factories.Cast) -> None:
    earlier = timezone.now() - timedelta(minutes=1)
    Membership.objects.filter(user=cast.member).update(own_as_of=earlier)
    assert client.get(LIST).context["shell"].stamp.at == earlier
    assert client.get(f"{LIST}deploy/").context["shell"].stamp.at == earlier
    assert client.get("/atlas@north/servers/").context["shell"].stamp.at > earlier


def test_key_pairs_of_a_cloud_that_fails_are_old(client: Client, cast: factories.Cast) -> None:
    Reading.objects.filter(tenant=cast.atlas, service=Service.COMPUTE).update(reason="no answer in 10 s")
    page = client.get(LIST)
    assert page.context["seen"] == Membership.objects.get(user=cast.member, tenant=cast.atlas).own_as_of
    assert "could not be read" in page.content.decode()


def test_changes_of_a_container_of_that_name_are_not_told_of_the_key_pair(client: Client, cast: factories.Cast) -> None:
    Change.objects.create(
        tenant=cast.atlas,
        seen_at=timezone.now(),
        verb="vanished",
        kind="container",
        external_id="deploy",
        name="deploy",
    )
    assert client.get(f"{LIST}deploy/").context["events"] == []
    assert len(client.get("/atlas@north/containers/deploy/").context["events"]) == 1
