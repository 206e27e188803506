"""Whole pages from components: every one renders, and keeps to the policies of the site."""

import re
from typing import Any

import pytest
import structlog
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from pytest_django.fixtures import Settings

from portal.ui import errors, gallery

PAGES = ["/ui/", "/ui/?places=4", "/ui/gate/", "/ui/search/?q=web", "/ui/search/?q=nothing"]
PAGES += ["/ui/form/", "/ui/list/", "/ui/detail/"]
PAGES += [f"/ui/operations/op-{state}/" for state in ("running", "done", "failed", "cancelled")]
PAGES += ["/ui/operations/op-running/?drawer=1", "/ui/operations/op-failed/?drawer=1"]
TROUBLES = {"400": 400, "403": 403, "404": 404, "429": 429, "500": 500, "csrf": 403, "session": 401, "provider": 503}


def stand_in(request: Any) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("ui/", include("portal.ui.gallery")),
    path("search/", gallery.search, name="search"),
    path("login/", stand_in, name="login"),
    path("logout/", stand_in, name="logout"),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.MIDDLEWARE = ["portal.ui.timezone.TimeZoneMiddleware"]
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", [*PAGES, *(f"/ui/errors/{name}/" for name in TROUBLES), "/ui/errors/404/?shell"])
def test_pages_have_no_inline_style_or_script_and_load_nothing_from_elsewhere(client: Client, address: Any) -> None:
    html = client.get(address).content.decode()
    assert html
    assert not re.search(r"\sstyle\s*=", html)
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:", html)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", html)


@pytest.mark.parametrize("address", [*PAGES, *(f"/ui/errors/{name}/" for name in TROUBLES)])
def test_ids_are_unique_on_a_page(client: Client, address: Any) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get(address).content.decode())
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(("name", "status"), TROUBLES.items())
def test_each_trouble_has_its_status_a_reason_and_a_way_on(client: Client, name: Any, status: Any) -> None:
    response = client.get(f"/ui/errors/{name}/")
    html = response.content.decode()
    assert response.status_code == status
    assert "<h1>" in html
    assert "pf-m-primary" in html
    assert response["Cache-Control"] == "no-store"


def test_an_error_page_shows_the_request_id_of_the_log(settings: Settings) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-1234"):
        response = errors.server_error(RequestFactory().get("/somewhere/"))
    assert 'data-copy="req-1234"' in response.content.decode()


def test_after_the_session_one_comes_back_to_the_same_page() -> None:
    response = errors.session_ended(RequestFactory().get("/atlas@north/servers/"))
    assert 'href="/login/?next=/atlas%40north/servers/"' in response.content.decode()


def test_times_are_in_the_zone_that_the_browser_names(client: Client) -> None:
    assert "as of <time" in client.get("/ui/").content.decode()
    client.cookies["meshdeck-zone"] = "Asia/Tokyo"
    assert "23:32:07" in client.get("/ui/").content.decode()


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "A" * 5000])
def test_a_zone_that_does_not_exist_is_ignored(client: Client, zone: Any) -> None:
    client.cookies["meshdeck-zone"] = zone
    assert client.get("/ui/").status_code == 200
