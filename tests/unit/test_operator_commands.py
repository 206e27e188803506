"""Adding and checking a location from the command line."""

import io
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock
from django.core.management import CommandError, call_command

from projects.models import Location
from tests.unit.clouds_fake import ACCESS_TOKEN, KEYSTONE, NOVA, WAY_IN, FakeCloud
from tests.unit.projects_fixtures import make_grant, make_location, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with requests_mock.Mocker() as mock:
        cloud = FakeCloud(mock)
        guard(cloud)
        yield cloud


def guard(cloud: FakeCloud, status: int = 401) -> None:
    """Return what the federated login answers to who brings no token."""

    def answer(request: Any, context: Any) -> Any:
        if "Authorization" in request.headers:
            context.headers["X-Subject-Token"] = "gAAAAABnunscopedunscopedunscoped"
            context.status_code = 201
            return {"token": cloud._person()}
        context.status_code = status
        return {"error": {"code": status, "message": "Who are you?"}}

    cloud.mock.post(WAY_IN, json=answer)


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_a_location_is_added_from_any_form_of_keystones_address(cloud: FakeCloud) -> None:
    said = run("add_location", "north", "http://cloud.test:5000", "--position", "3")

    location = Location.objects.get()
    assert (location.name, location.auth_url, location.position) == ("north", KEYSTONE, 3)
    assert (location.identity_provider, location.protocol) == ("meshdeck", "openid")
    assert "north is added" in said


def test_added_again_it_is_brought_up_to_date(cloud: FakeCloud) -> None:
    run("add_location", "north", KEYSTONE, "--position", "3", "--trusts-cli-callback")

    assert "north is up to date" in run("add_location", "north", KEYSTONE, "--region", "far")

    location = Location.objects.get()
    assert (location.region, location.position, location.trusts_cli_callback) == ("far", 3, True)
    run("add_location", "north", KEYSTONE, "--region", "far", "--no-trusts-cli-callback")
    assert not Location.objects.get().trusts_cli_callback


def test_a_location_without_federation_is_refused_with_the_reason(cloud: FakeCloud) -> None:
    guard(cloud, 404)

    with pytest.raises(CommandError, match=r"--identity-provider: .*Without federation nobody can act there"):
        run("add_location", "north", KEYSTONE)
    assert not Location.objects.exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"exc": requests.exceptions.ConnectTimeout}, "URL: Identity did not accept a connection in time"),
        ({"text": "<html>Welcome to nginx</html>"}, "URL: Identity's response is HTML, not JSON"),
    ],
)
def test_an_address_without_a_keystone_is_refused(cloud: FakeCloud, answer: dict[str, Any], message: str) -> None:
    cloud.mock.get(KEYSTONE, **answer)

    with pytest.raises(CommandError, match=message):
        run("add_location", "north", KEYSTONE)


def test_of_several_regions_one_has_to_be_named(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(ACCESS_TOKEN + "\n"))
    with pytest.raises(CommandError, match=r"--region: There are several regions: far, north. Name one of them."):
        run("add_location", "north", KEYSTONE, "--token-stdin")

    monkeypatch.setattr("sys.stdin", io.StringIO(ACCESS_TOKEN + "\n"))
    with pytest.raises(CommandError, match=r"--region: There is no region soth. There is far, north."):
        run("add_location", "north", KEYSTONE, "--token-stdin", "--region", "soth")


def test_with_a_token_the_services_are_found_at_once(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(ACCESS_TOKEN + "\n"))

    said = run("add_location", "north", KEYSTONE, "--token-stdin", "--region", "north")

    assert f"Compute: {NOVA} 2.1, up to 2.96" in said
    assert ACCESS_TOKEN not in said


def test_a_ca_file_that_is_not_there_is_named(cloud: FakeCloud, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"--ca-file: .* can't be read"):
        run("add_location", "north", KEYSTONE, "--ca-file", str(tmp_path / "none.pem"))


def test_check_location_walks_the_whole_chain_as_a_person_who_is_logged_in(cloud: FakeCloud) -> None:
    make_location(cloud=cloud)
    make_grant(make_user("member"))

    said = run("check_location", "north", "--user", "member")

    for step in ("endpoint", "tls", "keystone", "federation", "mapping", "projects", "region", "service compute"):
        assert step in said
    assert "north: nothing to mend." in said


def test_check_location_says_what_is_broken_and_ends_with_1(cloud: FakeCloud) -> None:
    make_location(cloud=cloud)
    make_grant(make_user("member"))
    cloud.mock.get(f"{NOVA}/servers/detail", status_code=503, headers={"x-openstack-request-id": "req-123"})
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"north: 1 broken link.") as ended:
        call_command("check_location", "north", "--user", "member", stdout=out)

    assert ended.value.returncode == 1
    assert "FAILED  service compute" in out.getvalue()
    assert "-> The service answers" in out.getvalue()
    assert "request req-123" in out.getvalue()


def test_check_location_without_a_person_goes_as_far_as_can_be_seen(cloud: FakeCloud) -> None:
    make_location(cloud=cloud)

    said = run("check_location", "north")

    assert "needs the access token of a person" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "There is no location nowhere. There is: north."),
        (["north", "--user", "ghost"], "Nobody called ghost has ever logged in here."),
        (["north", "--user", "sleeper"], "sleeper is not logged in now."),
    ],
)
def test_check_location_says_what_it_lacks(cloud: FakeCloud, arguments: list[str], message: str) -> None:
    make_location(cloud=cloud)
    make_user("sleeper")

    with pytest.raises(CommandError, match=message):
        run("check_location", *arguments)


def test_a_location_has_an_account_where_its_operator_gives_one(cloud: FakeCloud) -> None:
    said = run("add_location", "north", KEYSTONE, "--account", "meshdeck@lab@0123abcd")
    location = Location.objects.get()
    assert (location.account_name, location.account_domain) == ("meshdeck@lab", "0123abcd")
    assert "users for machines: made by meshdeck@lab in domain 0123abcd" in said

    run("add_location", "north", KEYSTONE)  # nothing said, nothing changed
    assert Location.objects.get().account_name == "meshdeck@lab"
    assert "users for machines" not in run("add_location", "north", KEYSTONE, "--account", "")
    location.refresh_from_db()
    assert (location.account_name, location.account_domain) == ("", "")
    for odd in ("meshdeck", "@default", "meshdeck@"):
        with pytest.raises(CommandError, match="name and the id of its domain"):
            run("add_location", "north", KEYSTONE, "--account", odd)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        (
            "",
            "-       account                  meshdeck in domain lab: MESHDECK_ACCOUNT_PASSWORDS is the workers'",
        ),
        ("right", "ok      account                  meshdeck in domain lab, as manager."),
        ("wrong", "FAILED  account                  meshdeck in domain lab: Identity does not accept the token (401)."),
    ],
)
def test_a_check_tries_the_account(cloud: FakeCloud, settings: Any, password: str, said: str) -> None:
    make_location(account_name="meshdeck", account_domain="lab")
    settings.ACCOUNT_PASSWORDS = {"north": password}

    def answer(request: Any, context: Any) -> Any:
        given = request.json()["auth"]["identity"]["password"]["user"]
        if given != {"name": "meshdeck", "domain": {"id": "lab"}, "password": "right"}:
            context.status_code = 401
            return {"error": {"message": "no"}}
        context.headers["X-Subject-Token"] = "token"
        return {"token": cloud._person() | {"roles": [{"id": "1", "name": "manager"}]}}

    cloud.mock.post(f"{KEYSTONE}/auth/tokens", json=answer)
    out = io.StringIO()
    broken = pytest.raises(CommandError, match="1 broken link") if password == "wrong" else nullcontext()
    with broken:
        call_command("check_location", "north", stdout=out)
    assert said in out.getvalue()
    assert "right" not in out.getvalue()
