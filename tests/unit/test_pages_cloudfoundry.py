"""CLI access of a Cloud Foundry space: one click to a passcode, the lines for a shell, and what is nowhere kept."""

import json
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from clouds.cloudfoundry.http import Part
from projects.models import Location, Tenant
from services.cloudfoundry.commands import CODE, commands
from tests import factories
from tests.unit.api_calls import ROOT

pytestmark = pytest.mark.django_db

PAGE = "/atlas@north-cf/cli/"
NASTY = ["it's", 'say "hi"', "$HOME", "a b", "`id`", "!!", "a&b;c", "two\nlines", "ünï 🦔", "-s"]


@pytest.fixture
def cast(client: Client) -> factories.Cast:
    people = factories.cast()
    factories.log_in(client, people.member)
    return people


@pytest.fixture
def space(cast: factories.Cast) -> Tenant:
    return factories.foundation(cast)


def text(client: Client, url: str = PAGE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def test_get_passcode_leads_to_the_foundations_own_page_with_the_hint(client: Client, space: Tenant) -> None:
    answer = client.get(PAGE)
    link = answer.context["passcode"].url
    at = urlsplit(link)
    assert (at.scheme, at.netloc, at.path) == ("https", "login.cf.north.example", "/passcode")
    assert json.loads(parse_qs(at.query)["login_hint"][0]) == {"origin": "meshdeck"}
    page = answer.content.decode()
    anchor = page[page.index('id="get-passcode"') :].split(">")[0]
    assert f'href="{link}"' in anchor
    assert 'target="_blank" rel="noopener noreferrer"' in anchor
    assert "data-passcode" not in page


def test_the_lines_are_for_this_space(client: Client, space: Tenant) -> None:
    page = text(client)
    for line in (
        "cf api https://api.cf.north.example",
        "cf login -a=https://api.cf.north.example --sso-passcode=CODE",
        "cf login -a=https://api.cf.north.example --sso",
        "cf target -o=atlas -s=production",
        "brew install cloudfoundry/tap/cf-cli@8",
    ):
        assert f'data-copy="{line}"' in page
    assert "org atlas, space production" in page


@pytest.mark.parametrize("name", NASTY)
def test_any_name_comes_out_of_a_shell_as_it_went_in(name: str) -> None:
    lines = commands("https://api.cf.test", name, name)
    script = f'cf() {{ for word in "$@"; do printf "%s\\0" "$word"; done; }}\n{lines.target}'
    for shell in ("bash", "dash") if name.isprintable() else ("bash",):
        done = subprocess.run([shell, "-c", script], capture_output=True, check=True)
        assert done.stdout.decode().split("\0")[:-1] == ["target", f"-o={name}", f"-s={name}"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "{{ settings.SECRET_KEY }}"])
def test_any_name_is_shown_as_it_is(client: Client, space: Tenant, name: str) -> None:
    Tenant.objects.filter(pk=space.pk).update(external_name=name, space=name)
    for page in (text(client), text(client, "/"), text(client, "/projects/atlas/")):
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_in_place_the_page_may_ask_the_login_server_and_nobody_else(client: Client, space: Tenant) -> None:
    assert "connect-src 'self';" in client.get(PAGE)["Content-Security-Policy"] + ";"
    Location.objects.filter(pk=space.location_id).update(passcode_in_place=True)

    answer = client.get(PAGE)
    policy = [one.split() for one in answer["Content-Security-Policy"].split("; ")]
    assert ["connect-src", "'self'", "https://login.cf.north.example"] in policy
    assert f'data-passcode="{CODE}"' in answer.content.decode()
    assert "login.cf" not in client.get("/")["Content-Security-Policy"]


def test_a_foundation_that_is_down_says_so_and_can_be_tried_again(client: Client, space: Tenant) -> None:
    Location.objects.filter(pk=space.location_id).update(
        health=Location.Health.DOWN, reason="Cloud Controller can't be reached: the connection was refused."
    )
    page = text(client)
    assert "North-cf is not answering." in page
    assert "the connection was refused" in page
    assert f'formaction="/{space.handle}/try-now/"' in page


def test_a_login_server_that_is_down_says_so_though_the_rest_answers(client: Client, space: Tenant) -> None:
    space.location.services.filter(service=Part.LOGIN).update(answers=False)
    assert "North-cf is not answering." in text(client)


def test_before_the_api_root_was_asked_there_is_no_link_that_leads_nowhere(client: Client, space: Tenant) -> None:
    space.location.services.all().delete()
    page = text(client)
    assert "login server of North-cf is not known yet" in page
    assert "get-passcode" not in page


def test_the_space_is_its_tenants_one_page(client: Client, space: Tenant) -> None:
    assert client.get("/atlas@north-cf/")["Location"] == PAGE
    page = text(client)
    assert 'href="/atlas@north-cf/cli/"' in page
    assert 'href="/atlas@north-cf/servers/"' not in page


@pytest.mark.parametrize("path", ["servers/", "volumes/create/", "operations/", "changes/", "networks/"])
def test_pages_of_an_inventory_are_not_there(client: Client, space: Tenant, path: str) -> None:
    assert client.get(f"/atlas@north-cf/{path}").status_code == 404


def test_nothing_can_be_asked_for_there(client: Client, space: Tenant) -> None:
    assert client.post("/atlas@north-cf/do/attach-volume/", {}).status_code == 404


def test_an_openstack_tenant_has_no_passcode(client: Client, space: Tenant) -> None:
    assert "get-passcode" not in text(client, "/atlas@north/cli/")


def test_who_gets_the_page(client: Client, cast: factories.Cast, space: Tenant) -> None:
    """Readers too: it is their own login, and the foundation knows what they may."""
    client.logout()
    assert "/oidc/login/" in client.get(PAGE)["Location"]
    for user, status in ((cast.stranger, 404), (cast.reader, 200), (cast.member, 200), (cast.admin, 200)):
        client.logout()
        factories.log_in(client, user)
        assert client.get(PAGE).status_code == status
        assert client.post(PAGE).status_code == 405


def test_the_space_stands_beside_the_projects_other_places(client: Client, space: Tenant) -> None:
    for page in (text(client, "/"), text(client, "/projects/atlas/")):
        assert "north-cf" in page
        assert "Cloud Foundry ·" in page
        assert "org atlas, space production" in page
    assert "not read in north-cf" not in text(client, "/projects/atlas/")


def test_the_projects_page_is_whole_where_there_is_nothing_but_a_space(client: Client, space: Tenant) -> None:
    Tenant.objects.filter(project=space.project).exclude(pk=space.pk).delete()
    assert "org atlas, space production" in text(client, "/projects/atlas/")


def test_its_location_names_the_parts(client: Client, space: Tenant) -> None:
    page = text(client, "/locations/north-cf/")
    for part in ("Cloud Controller", "UAA", "Login server"):
        assert part in page


def test_the_palette_offers_nothing_to_do_there(client: Client, space: Tenant) -> None:
    found = client.get("/search/?q=%3Ecreate+volume", headers={"HX-Request": "true"}).content.decode()
    assert "/atlas@north/volumes/create/" in found
    assert "/atlas@north-cf/" not in found
    assert "/atlas@north-cf/" in client.get("/search/?q=@north-cf", headers={"HX-Request": "true"}).content.decode()


def test_the_api_names_what_has_an_inventory(client: Client, space: Tenant) -> None:
    tenants = client.get(f"{ROOT}/tenants").json()["items"]
    assert [one["handle"] for one in tenants] == ["atlas@north", "atlas@south", "borealis@north"]
    assert client.get(f"{ROOT}/tenants/{space.handle}").status_code == 404
    assert (
        client.post(f"{ROOT}/tenants/{space.handle}/actions/create-volume", {}, "application/json").status_code == 404
    )
    kinds = {one["name"]: one["kind"] for one in client.get(f"{ROOT}/locations").json()["items"]}
    assert kinds["north-cf"] == "cloudfoundry"


def test_looking_asks_for_no_refresh(
    client: Client, space: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    Tenant.objects.filter(pk=space.pk).update(refreshed_at=None, looked_at=None)
    for url in (PAGE, "/", "/projects/atlas/"):
        with django_capture_on_commit_callbacks():
            text(client, url)
        space.refresh_from_db()
        assert space.refresh_started_at is None
    assert space.looked_at is not None
