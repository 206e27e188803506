"""A real cloud becomes a location, and all checks pass."""

import io

import pytest
from django.core.management import CommandError, call_command

from projects.models import Location
from tests.cloud.conftest import Devcloud
from tests.support.issuer import Issuer

pytestmark = [pytest.mark.cloud, pytest.mark.django_db]


def run(monkeypatch: pytest.MonkeyPatch, token: str, *arguments: str) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
    call_command(*arguments, "--token-stdin", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["north", "south"])
def test_a_location_is_added_with_its_region_and_services_and_its_chain_holds(
    name: str, devcloud: Devcloud, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = run(monkeypatch, issuer.token(), "add_location", name, devcloud.auth_url(name).removesuffix("/v3"))
    checked = run(monkeypatch, issuer.token(), "check_location", name)

    location = Location.objects.get()
    assert (location.auth_url, location.region) == (devcloud.auth_url(name), name)
    assert location.services.count() == 6
    assert f"region: {name}" in added
    assert f"{name}: nothing to mend." in checked


def test_check_location_finds_the_link_that_is_broken(
    devcloud: Devcloud, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Location.objects.create(
        kind="openstack", name="north", auth_url=devcloud.auth_url("north"), region="north", identity_provider="nobody"
    )

    with pytest.raises(CommandError, match="broken link"):
        run(monkeypatch, issuer.token(), "check_location", "north")
    with pytest.raises(CommandError, match="gets nobody in"):
        run(monkeypatch, issuer.token(aud="portal"), "add_location", "north", devcloud.auth_url("north"))
