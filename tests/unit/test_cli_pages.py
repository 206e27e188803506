"""The page CLI access and its downloads: what is offered to whom, and what becomes of the secrets."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest
import redis as redis_client
import yaml
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.identity import discovery, sessions, vault
from portal.identity.models import Grant, OfflineToken, User
from portal.ui import formats
from projects.models import Location, LocationService, Tenant
from services.cli_access import places
from services.openstack.words import Service
from tests import factories
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import log_in
from tests.service_users_factory import service_user

pytestmark = pytest.mark.django_db

PAGE = "/atlas@north/cli/"
FILES, SECRET = f"{PAGE}files/", f"{PAGE}secret-files/"
ALL_GRANTS = ["authorization_code", "refresh_token", "password", "urn:ietf:params:oauth:grant-type:device_code"]


@pytest.fixture
def member(client: Client, cast: factories.Cast, hostile: HostileProvider, settings: Settings) -> Client:
    """Somebody who logged in by the provider, with a token that it made; member of atlas and borealis."""
    settings.CLI_PASSWORD_CLIENT_ID = "meshdeck-cli-password"
    hostile.metadata["grant_types_supported"] = ALL_GRANTS
    log_in(client, hostile)
    user = User.objects.get(pk=client.session["_auth_user_id"])
    factories.join(user, cast.atlas, cast.atlas_south, cast.borealis)
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_has_every_way_its_files_and_the_commands_filled_in(member: Client) -> None:
    shown = page(member, "?way=device")
    assert ". ~/Downloads/meshrc-atlas-north.sh\nmeshrc_login\n<span" in shown
    assert ". ~/Downloads/meshrc-atlas-north.sh\nopenstack token issue" in page(member, "?way=token")
    for name in ("meshrc-atlas-north.sh", "meshrc-atlas-north.ps1", "clouds.yaml", "atlas-north.env"):
        assert f"<b>{name}</b>" in shown
    assert "secure.yaml" not in shown
    assert "openstack --os-cloud=atlas-north server list" in shown
    assert "14 servers, as on the page" in shown
    shown = page(member, "?way=token&as=clouds")
    assert "export OS_CLIENT_SECURE_FILE=~/Downloads/secure.yaml\nexport OS_CLOUD=atlas-north" in shown
    assert "<b>secure.yaml</b>" in shown


def test_the_choices_say_what_there_is_of_each_and_which_is_right_for_nearly_everyone(
    member: Client, cast: factories.Cast
) -> None:
    def shown() -> dict[str, tuple[str, bool]]:
        return {one.key: (one.note, one.best) for one in member.get(PAGE).context["choices"]}

    person = User.objects.get(pk=member.session["_auth_user_id"])
    now = timezone.now()
    renewed = {"renewed_at": now - timedelta(hours=5), "expires_at": now - timedelta(hours=3)}
    Grant.objects.filter(user=person).update(**renewed)  # a life of two hours
    found = shown()
    ends = {formats.short_moment(at + timedelta(hours=2)) for at in (now, timezone.now())}
    assert found.pop("token") in {(f"until {end}", False) for end in ends}
    assert found == {
        "device": ("", True),
        "websso": ("", False),
        "password": ("", False),
        "offline": ("", False),
        "service-users": ("", False),
    }
    for ended in (None, now):
        OfflineToken.objects.create(user=person, about="atlas@north", made_at=now, taken_at=now, ended_at=ended)
    service_user(cast.atlas, person, "ci-deploy")
    assert shown()["offline"] == ("1 issued", False)
    assert shown()["service-users"] == ("1", False)
    assert shown()["device"] == ("", True)
    assert f'href="{PAGE.replace("cli", "service-users")}" id="way-service-users"' in page(member)


def test_ids_and_endpoints_can_be_copied(member: Client, cast: factories.Cast) -> None:
    objects = LocationService.objects.filter(location=cast.north, service=Service.OBJECT_STORE)
    assert objects.update(url="http://127.0.0.1:15010/v1/AUTH_{project_id}")
    shown = page(member)
    assert f'data-copy="http://127.0.0.1:15010/v1/AUTH_{cast.atlas.external_id}"' in shown
    for value in (cast.atlas.external_id, cast.north.auth_url, "meshdeck", "http://127.0.0.1:15001"):
        assert f'data-copy="{value}"' in shown


def test_what_the_provider_does_not_have_is_not_offered_and_says_why(member: Client, hostile: HostileProvider) -> None:
    assert "does not offer it" not in page(member)
    hostile.metadata["grant_types_supported"] = ["authorization_code"]
    forget_the_provider()
    shown = page(member, "?way=password")
    assert shown.count(f"{places.provider().name} does not offer it.") == 3
    assert member.get(PAGE, {"way": "password"}).context["way"].key == "token"
    assert member.get(f"{FILES}password/sh/").status_code == 404
    assert yaml.safe_load(member.get("/cli/password/clouds.yaml").content) == {"clouds": {}}


def test_passwords_are_handed_on_only_where_the_operator_wants_it(member: Client, settings: Settings) -> None:
    assert b"meshdeck-cli-password" in member.get(f"{FILES}password/env/").content
    settings.CLI_PASSWORD_CLIENT_ID = ""
    assert "This Meshdeck does not hand passwords to the command line." in page(member)
    assert member.get(f"{FILES}password/env/").status_code == 404


def test_the_way_by_this_machines_browser_needs_a_keystone_that_trusts_it(member: Client) -> None:
    assert "north does not send browsers back to your machine." in page(member)
    assert member.get(f"{FILES}websso/sh/").status_code == 404
    Location.objects.filter(name="north").update(trusts_cli_callback=True)
    assert "OS_REDIRECT_PORT" in member.get(f"{FILES}websso/sh/").content.decode()
    entries = yaml.safe_load(member.get("/cli/websso/clouds.yaml").content)["clouds"]
    assert sorted(entries) == ["atlas-north", "borealis-north"]
    assert "This way is not offered in: atlas-south." in page(member, "?way=websso")


def test_files_can_be_had_while_the_provider_is_away(member: Client, hostile: HostileProvider) -> None:
    hostile.broken["/.well-known/openid-configuration"] = Broken(status=500)
    forget_the_provider()
    assert member.get(f"{FILES}device/sh/").status_code == 200
    assert page(member)
    token = vault.access_token(sessions.grant_of(request_of(member))).value
    assert token in member.post(f"{SECRET}token/sh/").content.decode()


def test_a_page_does_not_wait_for_what_it_knows_already(
    member: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(member)
    before = hostile.asked("/.well-known/openid-configuration")
    monkeypatch.setattr(discovery, "FRESH_SECONDS", 0.0)
    page(member)
    assert hostile.asked("/.well-known/openid-configuration") == before


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sh", "meshrc-atlas-north.sh"),
        ("ps1", "meshrc-atlas-north.ps1"),
        ("clouds", "clouds.yaml"),
        ("env", "atlas-north.env"),
    ],
)
def test_a_file_is_a_download_that_nobody_keeps(member: Client, kind: str, name: str) -> None:
    answer = member.get(f"{FILES}device/{kind}/")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"v3oidcdeviceauthz" in answer.content


@pytest.mark.parametrize("kind", ["sh", "ps1", "secure", "env"])
def test_the_token_is_fresh_ones_own_and_of_this_login(
    member: Client, hostile: HostileProvider, cast: factories.Cast, kind: str
) -> None:
    other = Client()
    factories.log_in(other, cast.admin)
    before = vault.access_token(sessions.grant_of(request_of(member)))
    Grant.objects.update(renewed_at=datetime.now(UTC) - timedelta(minutes=2))
    answer = member.post(f"{SECRET}token/{kind}/")
    after = vault.access_token(sessions.grant_of(request_of(member)))
    assert before.value != after.value
    assert after.value in answer.content.decode()
    assert factories.ACCESS_TOKEN not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    # Another file right after it needs no other token.
    asked = hostile.asked("/token")
    assert after.value in member.post(f"{SECRET}token/{kind}/").content.decode()
    assert hostile.asked("/token") == asked


def test_the_file_says_until_when_it_works(member: Client) -> None:
    text = member.post(f"{SECRET}token/sh/").content.decode()
    until = vault.access_token(sessions.grant_of(request_of(member))).expires_at
    assert f"without a password, until {until:%Y-%m-%d %H:%M:%S} UTC." in text
    assert f"meshrc_set MESHRC_UNTIL '{int(until.timestamp())}'" in text


def test_a_login_that_cannot_be_renewed_gives_the_token_that_it_has(client: Client, cast: factories.Cast) -> None:
    factories.log_in(client, cast.reader)
    Grant.objects.update(renewed_at=datetime.now(UTC) - timedelta(minutes=2))
    assert factories.ACCESS_TOKEN in client.post(f"{SECRET}token/sh/").content.decode()
    assert Grant.objects.get(user=cast.reader).ended_at is None


def test_a_login_that_the_provider_ended_gives_no_file(member: Client, hostile: HostileProvider) -> None:
    Grant.objects.update(renewed_at=datetime.now(UTC) - timedelta(minutes=2))
    hostile.broken["/token"] = Broken(status=400, body=b'{"error": "invalid_grant"}')
    answer = member.post(f"{SECRET}token/sh/")
    assert answer.status_code == 401
    assert "Content-Disposition" not in answer


def test_a_provider_that_is_away_gives_no_token_and_ends_no_session(member: Client, hostile: HostileProvider) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    Grant.objects.update(renewed_at=long_ago, expires_at=long_ago + timedelta(minutes=5))
    hostile.broken["/token"] = Broken(status=500)
    answer = member.post(f"{SECRET}token/sh/")
    assert answer.status_code == 503
    assert "Content-Disposition" not in answer
    del hostile.broken["/token"]
    assert member.post(f"{SECRET}token/sh/").status_code == 200


def test_no_secret_by_a_link_and_none_without_the_forms_token(member: Client) -> None:
    for kind in ("sh", "ps1", "secure", "env"):
        assert member.get(f"{FILES}token/{kind}/").status_code == 404
    assert b"access_token" not in member.get(f"{FILES}token/clouds/").content.replace(b"v3oidcaccesstoken", b"")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = member.cookies
    assert strict.post(f"{SECRET}token/sh/").status_code == 403
    assert strict.post("/cli/token/secure.yaml").status_code == 403


@pytest.mark.parametrize(
    "address", [f"{SECRET}device/sh/", f"{SECRET}token/clouds/", f"{SECRET}none/sh/", "/cli/device/secure.yaml"]
)
def test_there_is_no_secret_file_of_what_has_no_secret(member: Client, address: str) -> None:
    assert member.post(address).status_code == 404


@pytest.mark.parametrize(
    "address", [f"{FILES}none/sh/", f"{FILES}device/none/", f"{FILES}device/secure/", "/cli/x/clouds.yaml"]
)
def test_an_unknown_way_or_kind_is_not_found(member: Client, address: str) -> None:
    assert member.get(address).status_code == 404


def test_who_asks_too_often_has_to_wait(member: Client, cast: factories.Cast) -> None:
    answers = [member.post(f"{SECRET}token/sh/").status_code for _ in range(50)]
    assert 429 in answers
    late = answers.index(429)
    assert 20 <= late <= 40  # a new window may have begun in between
    refused = member.post("/cli/token/secure.yaml")
    assert (refused.status_code, refused["Retry-After"]) == (429, ANY)
    other = Client()
    factories.log_in(other, cast.reader)
    assert other.post(f"{SECRET}token/sh/").status_code == 200


def test_one_file_has_all_my_tenants_and_nobody_elses(member: Client, client: Client, cast: factories.Cast) -> None:
    entries = yaml.safe_load(member.get("/cli/device/clouds.yaml").content)["clouds"]
    assert list(entries) == ["atlas-north", "atlas-south", "borealis-north"]
    assert entries["atlas-south"]["auth"]["project_id"] == cast.atlas_south.external_id
    assert entries["atlas-south"]["region_name"] == "south"
    answer = member.post("/cli/token/secure.yaml")
    token = vault.access_token(sessions.grant_of(request_of(member))).value
    secrets = yaml.safe_load(answer.content)["clouds"]
    assert secrets == {name: {"auth": {"access_token": token}} for name in entries}
    assert token not in member.get("/cli/token/clouds.yaml").content.decode()
    stranger = Client()
    factories.log_in(stranger, cast.stranger)
    assert yaml.safe_load(stranger.get("/cli/device/clouds.yaml").content) == {"clouds": {}}


def test_no_two_entries_have_the_same_name() -> None:
    mine = [("atlas", "north"), ("a-b", "c"), ("a", "b-c"), ("a", "c")]
    assert places.names_of(mine) == ["atlas-north", "a-b@c", "a@b-c", "a-c"]


def test_a_place_where_openstack_is_not_has_no_files(member: Client) -> None:
    Location.objects.filter(name="north").update(kind="cloudfoundry")
    assert "meshrc" not in page(member)
    assert member.get(f"{FILES}device/sh/").status_code == 404
    assert member.post(f"{SECRET}token/sh/").status_code == 404
    assert list(yaml.safe_load(member.get("/cli/device/clouds.yaml").content)["clouds"]) == ["atlas-south"]


def test_a_cloud_with_an_authority_of_its_own_gives_its_certificates_too(member: Client) -> None:
    assert "OS_CACERT" not in page(member)
    Location.objects.filter(name="north").update(ca_bundle="-----BEGIN CERTIFICATE-----\nours\n")
    shown = page(member, "?way=device")
    assert ". ~/Downloads/meshrc-atlas-north.sh\nexport OS_CACERT=~/Downloads/north-ca.pem\nmeshrc_login" in shown
    answer = member.get(f"{PAGE}ca.pem")
    assert answer["Content-Disposition"] == 'attachment; filename="north-ca.pem"'
    text = answer.content.decode()
    assert "ours" in text
    assert text.count("BEGIN CERTIFICATE") > 50  # the identity provider may have a public one


def test_the_file_for_everything_names_the_certificates_that_the_page_hands_out(member: Client) -> None:
    Location.objects.filter(name="north").update(ca_bundle="-----BEGIN CERTIFICATE-----\nours\n")
    entries = yaml.safe_load(member.get("/cli/device/clouds.yaml").content)["clouds"]
    assert {name: entry.get("cacert", "") for name, entry in entries.items()} == {
        "atlas-north": "~/Downloads/north-ca.pem",
        "borealis-north": "~/Downloads/north-ca.pem",
        "atlas-south": "",
    }
    shown = page(member, "?way=device&as=clouds")
    assert "OS_CACERT=" not in shown
    everything = shown[shown.index('id="all"') :]
    assert re.findall(r'href="([^"]+ca\.pem)"', everything) == [f"{PAGE}ca.pem"]


def test_hostile_names_are_text_on_the_page_and_in_the_files(member: Client, cast: factories.Cast) -> None:
    Tenant.objects.filter(pk=cast.atlas.pk).update(external_name="<b>x</b>\n'; id #", domain_id="default")
    User.objects.filter(pk=member.session["_auth_user_id"]).update(username="<i>'\"$(id)</i>")
    assert "<i>" not in page(member)
    assert "meshrc_set OS_PROJECT_NAME '<b>x</b>\n'\"'\"'; id #'" in member.get(f"{FILES}device/sh/").content.decode()


@pytest.fixture
def every_log() -> Iterator[io.StringIO]:
    """All that any logger says at any level."""
    heard = io.StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_token_is_left_nowhere(
    member: Client,
    redis: "redis_client.Redis",
    every_log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Grant.objects.update(renewed_at=datetime.now(UTC) - timedelta(minutes=2))
    for address in (f"{SECRET}token/sh/", f"{SECRET}token/secure/", "/cli/token/secure.yaml"):
        assert member.post(address).status_code == 200
    token = vault.access_token(sessions.grant_of(request_of(member))).value
    said = every_log.getvalue() + "".join(capsys.readouterr())
    assert "cli_file_issued" in said
    assert token not in said
    assert token not in page(member, "?way=token")
    held = b"".join(key + (redis.get(key) or b"") for key in redis.scan_iter() if redis.type(key) == b"string")
    assert b"rate" in held
    assert token.encode() not in held
    assert token not in rows()


def rows() -> str:
    """All that is in the database, as text."""
    found = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found += str(cursor.fetchall())
    return found


def request_of(client: Client) -> object:
    """Return what `sessions.grant_of` looks at."""
    return type("Request", (), {"session": client.session})()


def forget_the_provider() -> None:
    """Return the portal asks the provider anew what it has."""
    from portal.identity.discovery import forget_providers

    forget_providers()
