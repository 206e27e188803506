"""From a page to the login and back to it, and nowhere else; what strangers and people of no right see."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.identity import pending
from tests.providers.hostile import HostileProvider
from tests.providers.login import begin, come_back, log_in
from tests.unit.identity_cast import PRIVATE, operator

pytestmark = pytest.mark.django_db


def test_a_page_leads_to_the_login_and_back(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    answer = client.get(f"{PRIVATE}?q=a&sort=name", follow=False)
    while answer["Location"].startswith("/"):
        if answer["Location"].startswith(reverse("login")):
            break
        answer = client.get(answer["Location"])
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    assert log_in(client, hostile, target)["Location"] == f"{PRIVATE}?q=a&sort=name"


def test_two_tabs_keep_their_own_way(client: Client, hostile: HostileProvider) -> None:
    first, second = begin(client, "/one/"), begin(client, "/two/")
    assert come_back(client, hostile, first)["Location"] == "/one/"
    assert come_back(client, hostile, second)["Location"] == "/two/"


def test_tabs_that_open_at_once_in_a_fresh_browser_all_come_through(hostile: HostileProvider) -> None:
    """A restored browser asks for all its tabs before it has any cookie; each answer adds its own."""
    tabs, jar, begun = [Client() for _ in range(4)], SimpleCookie(), []
    for number, tab in enumerate(tabs):
        begun.append(begin(tab, f"/{number}/"))
        jar.update(tab.cookies)
    browser = Client()
    browser.cookies = jar
    assert [come_back(browser, hostile, one)["Location"] for one in begun] == ["/0/", "/1/", "/2/", "/3/"]


def test_logins_under_way_do_not_pile_up(client: Client, hostile: HostileProvider) -> None:
    begun = [begin(client, f"/{number}/?{'x' * 300}") for number in range(30)]
    held = {name: cookie for name, cookie in client.cookies.items() if name.startswith(pending.PREFIX) and cookie.value}
    assert sum(len(cookie.value) for cookie in held.values()) <= pending.MOST_BYTES
    assert come_back(client, hostile, begun[-1]).status_code == 302
    assert come_back(client, hostile, begun[0]).status_code == 400


def test_visitors_leave_no_session_behind(client: Client, hostile: HostileProvider) -> None:
    with CaptureQueriesContext(connection) as queries:
        begin(client)
    assert queries.captured_queries == []
    assert "meshdeck" not in client.cookies


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=1\r\n",
        "///evil.example.org",
        "evil",
        "",
        "/oidc/login/?next=/oidc/login/",
        "/logged-out/",
        "/" + "x" * 3000,
    ],
)
def test_a_login_never_leads_to_another_site(client: Client, hostile: HostileProvider, target: str) -> None:
    landed = log_in(client, hostile, target)["Location"]
    assert landed == "/" or (landed.startswith("/%0d") and "\r" not in landed)
    assert client.get(reverse("login"), {"next": target})["Location"] == landed  # logged in already


def test_another_name_of_the_portal_leads_to_its_own(client: Client, hostile: HostileProvider) -> None:
    answer = client.get(reverse("login"), {"next": "/a/"}, headers={"host": "localhost"})
    assert answer["Location"] == "http://testserver/oidc/login/?next=%2Fa%2F&here=1"
    hidden_by_a_proxy = client.get(answer["Location"], headers={"host": "localhost"})
    assert hidden_by_a_proxy["Location"].startswith(hostile.issuer)


def test_a_part_of_a_page_sends_the_whole_page_to_the_login(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/atlas@north/servers/?sort=name#x"}
    answer = client.get(PRIVATE, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["HX-Redirect"] == "/oidc/login/?next=%2Fatlas%40north%2Fservers%2F%3Fsort%3Dname"


def test_a_form_without_a_login_says_that_it_was_not_carried_out(client: Client) -> None:
    answer = client.post(PRIVATE, headers={"referer": "http://testserver/atlas@north/"})
    assert answer.status_code == 401
    assert "was not carried out" in answer.content.decode()
    assert "/oidc/login/?next=%2Fatlas%40north%2F" in answer.content.decode()


def test_people_who_are_no_operators_see_no_admin(client: Client, hostile: HostileProvider) -> None:
    log_in(client, hostile)
    for path in (PRIVATE, "/operator/login/", "/operator/identity/", "/operator/password_change/"):
        assert client.get(path).status_code == 404, path


def test_an_operator_sees_the_admin_without_a_password(client: Client, hostile: HostileProvider) -> None:
    operator(hostile)
    log_in(client, hostile)
    page = client.get(PRIVATE)
    assert page.status_code == 200
    assert "password_change" not in page.content.decode()
    assert client.get("/operator/login/")["Location"] == PRIVATE
    assert client.get("/operator/password_change/").status_code == 404
