"""What the palette and the overview offer to do, and to whom."""

import re

import pytest
from django.test import Client

from projects.pages import palette as doing
from tests import factories

pytestmark = pytest.mark.django_db

NORTH = "/atlas@north/"


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def commands(client: Client, q: str, here: str = "") -> list[tuple[str, str]]:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    groups = client.get("/search/", {"q": q}, headers=headers).context["groups"]
    return [(item.label, item.url) for group in groups if group.title == "Do" for item in group.items]


def test_the_palette_offers_what_can_be_done_with_what_it_found(member: Client) -> None:
    found = dict(commands(member, "web-") + commands(member, "web-assets"))
    web_01 = factories.ident("atlas@north/server/web-01")
    assert found["Attach a volume to web-01…"] == f"{NORTH}servers/{web_01}/#volumes"
    assert found["Change security groups of web-01…"] == f"{NORTH}servers/{web_01}/#reach"
    assert found["Detach web-assets from its server…"].startswith(f"{NORTH}volumes/")


def test_more_than_asks_for_commands_only(member: Client) -> None:
    assert ("Create a volume…", f"{NORTH}volumes/create/") in commands(member, ">", here=f"{NORTH}servers/")
    assert all(url.startswith(NORTH) for _label, url in commands(member, ">", here=f"{NORTH}servers/"))
    assert not all(url.startswith(NORTH) for _label, url in commands(member, ">"))
    assert [label for label, _url in commands(member, "> extend logs-01")] == ["Extend logs-01…"]
    assert commands(member, ">dance") == []
    groups = member.get("/search/", {"q": ">create"}).context["groups"]
    assert [str(group.title) for group in groups] == ["Do"]


def test_a_reader_is_offered_only_what_readers_may(client: Client, cast: factories.Cast) -> None:
    factories.log_in(client, cast.reader)
    for q in ("web", ">attach"):
        assert commands(client, q) == []
    for q in (">", "create"):
        assert {label for label, _url in commands(client, q)} == {"Create a service user…"}


def test_commands_are_found_by_their_first_letters_also_without_a_sign(member: Client) -> None:
    assert commands(member, "cr vol", here=NORTH) == [("Create a volume…", f"{NORTH}volumes/create/")]
    assert commands(member, "service", here=NORTH) == [("Create a service user…", f"{NORTH}service-users/create/")]
    assert commands(member, "zebra", here=NORTH) == []


def test_pages_of_the_place_that_one_is_in_are_found_by_their_words(member: Client, cast: factories.Cast) -> None:
    factories.foundation(cast)

    def found(q: str, here: str) -> list[str]:
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
        groups = member.get("/search/", {"q": q}, headers=headers).context["groups"]
        return [item.url for group in groups if group.title == "Pages" for item in group.items]

    assert found("cli", NORTH) == [f"{NORTH}cli/"]
    assert found("gr", f"{NORTH}volumes/") == [f"{NORTH}security-groups/"]
    assert found("op", NORTH) == [f"{NORTH}operations/"]
    assert found("op", "/atlas@north-cf/cli/") == []  # a space has none
    assert found("cli", "/") == []
    assert found("cli", "/stranger@north/") == []


def test_the_passcode_is_offered_wherever_one_is_in_the_project(member: Client, cast: factories.Cast) -> None:
    passcode = ("Get passcode for Cloud Foundry", "/atlas@north-cf/cli/")
    assert commands(member, "passcode", here=NORTH) == []
    factories.foundation(cast)
    for q in ("passcode", ">get pass"):
        for here in ("/atlas@north-cf/cli/", NORTH, "/"):
            assert commands(member, q, here=here) == [passcode]
    # What a space has not got is offered in the project's other places.
    assert commands(member, ">create a vol", here="/atlas@north-cf/cli/") == [
        ("Create a volume…", f"{NORTH}volumes/create/"),
        ("Create a volume…", "/atlas@south/volumes/create/"),
    ]


@pytest.mark.parametrize("way", doing.WAYS.values(), ids=lambda way: f"{way.action} {way.route}")
def test_every_command_leads_to_a_page(member: Client, cast: factories.Cast, way: doing.Way) -> None:
    place = cast.atlas if not way.platform else factories.foundation(cast)
    row = None
    if way.model:
        rows = way.model._default_manager.filter(tenant=cast.atlas)
        row = next(one for one in rows if way.fits(one))
    url, _hash, anchor = doing.offer_of(way, place, row).url.partition("#")
    answer = member.get(url)
    assert answer.status_code == 200
    assert not anchor or f'id="{anchor}"' in answer.content.decode()


def test_the_overview_has_a_menu_of_what_can_be_made_for_whoever_may(client: Client, cast: factories.Cast) -> None:
    factories.log_in(client, cast.member)
    assert f'href="{NORTH}volumes/create/"' in page(client, NORTH)
    factories.log_in(client, cast.reader)
    assert re.findall(r'href="([^"]*/create/)"', page(client, NORTH)) == [f"{NORTH}service-users/create/"]
