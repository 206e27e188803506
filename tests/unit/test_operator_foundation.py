"""Operators and a Cloud Foundry foundation: adding it, mending it, and looking at the whole chain."""

import io
from typing import Any

import pytest
import requests_mock
from django.core.management import CommandError, call_command
from django.test import Client

from clouds.cloudfoundry.http import Part
from projects.models import Location
from tests import factories
from tests.providers.foundation import RunningFoundation
from tests.unit.projects_fixtures import make_location
from tests.unit.test_operator_admin import NEW

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def add(foundation: RunningFoundation, *options: str) -> str:
    return run("add_location", "north-cf", foundation.api, "--kind", "cloudfoundry", *options)


def lines(text: str) -> dict[str, str]:
    """Return what check_location says of each link, by its name."""
    return {line[8:33].strip(): line[:7].strip() for line in text.splitlines() if line[:7].strip() in STATES}


STATES = ("ok", "lacking", "FAILED", "-")


def test_a_foundation_is_added_from_its_api_root(foundation: RunningFoundation) -> None:
    said = add(foundation, "--identity-provider", "corp", "--position", "2")

    location = Location.objects.get()
    assert (location.kind, location.auth_url) == ("cloudfoundry", foundation.api)
    assert (location.identity_provider, location.position, location.passcode_in_place) == ("corp", 2, False)
    assert dict(location.services.values_list("service", "url")) == {
        Part.CLOUD_CONTROLLER: foundation.api,
        Part.UAA: foundation.uaa,
        Part.LOGIN: foundation.uaa,
    }
    assert "north-cf is added" in said


def test_added_again_it_is_brought_up_to_date(foundation: RunningFoundation) -> None:
    add(foundation)
    assert "north-cf is up to date" in add(foundation, "--passcode-in-place")
    assert Location.objects.get().passcode_in_place


def test_a_location_keeps_its_kind(foundation: RunningFoundation) -> None:
    make_location("north-cf")
    with pytest.raises(CommandError, match="is of kind openstack: that stays"):
        add(foundation)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1", "URL: Cloud Controller can't be reached: the connection was refused"),
        ("api.cf.test", "URL: The address of an API root begins with https://"),
    ],
)
def test_what_is_no_foundation_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("add_location", "north-cf", url, "--kind", "cloudfoundry")
    assert not Location.objects.exists()


def test_a_foundation_whose_uaa_is_away_is_refused(foundation: RunningFoundation) -> None:
    with requests_mock.Mocker(real_http=True) as mock:
        mock.get(f"{foundation.uaa}/info", status_code=503)
        with pytest.raises(CommandError, match=r"UAA returned an error \(503\)"):
            add(foundation)


def test_check_location_walks_from_the_api_root_to_the_spaces(
    foundation: RunningFoundation, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(foundation)
    token = foundation.provider.tokens("member")["access_token"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))

    said = run("check_location", "north-cf", "--token-stdin")

    expected = dict.fromkeys(("api root", "uaa", "login server", "person", "spaces"), "ok")
    assert lines(said) == expected | {"tls": "lacking"}
    assert "1: atlas/production as space_developer." in said
    assert token not in said


def test_check_location_without_a_person_goes_as_far_as_can_be_seen(foundation: RunningFoundation) -> None:
    add(foundation)
    found = lines(run("check_location", "north-cf"))
    assert [found[name] for name in ("login server", "person", "spaces")] == ["ok", "-", "-"]


def test_check_location_says_what_is_broken_and_what_to_mend(
    foundation: RunningFoundation, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(foundation)
    token = foundation.provider.tokens("member")["id_token"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 broken link"):
        call_command("check_location", "north-cf", "--token-stdin", stdout=out)
    assert lines(out.getvalue())["person"] == "FAILED"
    assert "relyingPartyId" in out.getvalue()


def test_the_form_of_the_admin_asks_the_api_root(foundation: RunningFoundation, client: Client) -> None:
    factories.log_in(client, factories.person("admin", staff=True))
    form = NEW | {"name": "north-cf", "kind": "cloudfoundry", "auth_url": f"{foundation.api}/"}

    assert client.post("/operator/projects/location/add/", form).status_code == 302
    location = Location.objects.get()
    assert location.auth_url == foundation.api
    assert location.services.get(service=Part.LOGIN).url == foundation.uaa

    away = client.post("/operator/projects/location/add/", form | {"name": "x", "auth_url": "http://127.0.0.1:1"})
    assert "the connection was refused" in str(away.context["adminform"].form.errors["auth_url"])
