"""Offline tokens where things go wrong: a provider that fails at each step, keys that change, a Redis that is away."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from celery import current_app
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from portal.identity import crypto, discovery, envelope, offline, vault
from portal.identity.browser import browser
from portal.identity.checks import vault_opens
from portal.identity.models import OfflineToken, User
from portal.identity.tasks import clear_up
from tests import factories
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import log_in

pytestmark = pytest.mark.django_db

PAGE = "/atlas@north/cli/"
NEW = f"{PAGE}offline/new/"
DOWN = Broken(status=500)


@pytest.fixture
def member(client: Client, hostile: HostileProvider) -> Client:
    """Log in by the provider, which from now on makes ID tokens for the command line's client."""
    cast = factories.cast()
    log_in(client, hostile)
    factories.join(User.objects.get(pk=client.session["_auth_user_id"]), cast.atlas)
    hostile.claims["aud"] = "meshdeck-cli"
    return client


def asked(client: Client) -> dict[str, str]:
    begun = client.get(NEW)
    assert begun.status_code == 302, begun.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}


def come_back(client: Client, hostile: HostileProvider, **query: str) -> Any:
    begun = asked(client)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    return client.get("/oidc/offline/", {"code": code, "state": begun["state"], **query})


def made(client: Client, hostile: HostileProvider) -> OfflineToken:
    assert come_back(client, hostile).status_code == 302
    return OfflineToken.objects.latest("made_at")


def revoked(hostile: HostileProvider) -> list[str]:
    return [one.form["token"] for one in hostile.seen if one.path == "/revoke"]


def test_the_command_line_asks_without_a_secret(member: Client, hostile: HostileProvider) -> None:
    before = len(hostile.seen)
    row = made(member, hostile)
    member.post(f"{PAGE}offline/{row.pk}/revoke/")
    calls = [one for one in hostile.seen[before:] if one.method == "POST"]
    assert [(one.path, one.form["client_id"], one.authorization) for one in calls] == [
        ("/token", "meshdeck-cli", ""),
        ("/token", "meshdeck-cli", ""),
        ("/revoke", "meshdeck-cli", ""),
    ]
    assert not any("client_secret" in one.form for one in calls)


def test_what_is_kept_is_spent_and_sealed(member: Client, hostile: HostileProvider) -> None:
    row = made(member, hostile)
    kept = crypto.decrypt(row.revoker.encode()).decode()
    assert kept not in hostile.refresh_tokens
    assert kept in hostile.issued
    file = member.post(f"{PAGE}offline/{row.pk}/files/", {"kind": "sh"}).content.decode()
    assert any(token in file for token in hostile.refresh_tokens)
    assert kept not in file


def test_a_provider_that_is_away_makes_nothing_and_nobody_is_logged_out(
    member: Client, hostile: HostileProvider
) -> None:
    begun = asked(member)
    hostile.broken["/token"] = DOWN
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    answer = member.get("/oidc/offline/", {"code": code, "state": begun["state"]})
    assert answer.status_code == 503
    assert "isn&#x27;t available at the moment" in answer.content.decode()
    assert not OfflineToken.objects.exists()
    assert member.get(PAGE).status_code == 200


def test_a_provider_that_never_answered_is_said_to_be_away(member: Client, hostile: HostileProvider) -> None:
    hostile.broken["/.well-known/openid-configuration"] = DOWN
    discovery.forget_providers()
    assert "is not answering." in member.get(PAGE).content.decode()
    assert member.get(NEW).status_code == 404


def test_a_provider_without_revocation_is_not_asked(member: Client, hostile: HostileProvider) -> None:
    hostile.metadata["revocation_endpoint"] = None
    discovery.forget_providers()
    assert "offers no way to revoke it." in member.get(PAGE).content.decode()
    assert member.get(NEW).status_code == 404


def test_where_the_operator_has_not_said_that_tokens_work_once_there_are_none(
    member: Client, hostile: HostileProvider, settings: Settings
) -> None:
    settings.CLI_OFFLINE_TOKENS = False
    assert "has not said that each works once only" in member.get(PAGE).content.decode()
    assert member.get(NEW).status_code == 404


def test_however_often_it_is_asked_for_a_browser_holds_one_and_the_last_one_works(
    member: Client, hostile: HostileProvider
) -> None:
    first = asked(member)
    for _ in range(20):
        asked(member)
    held = [name for name, one in member.cookies.items() if name.startswith("meshdeck-login-") and one.value]
    assert held == ["meshdeck-login-offline"]
    code = hostile.code(first["nonce"], first["code_challenge"])
    assert member.get("/oidc/offline/", {"code": code, "state": first["state"]}).status_code == 400
    assert come_back(member, hostile).status_code == 302
    assert not member.cookies["meshdeck-login-offline"].value


def test_whose_session_is_over_is_led_to_a_page_that_is_there(member: Client, hostile: HostileProvider) -> None:
    begun = asked(member)
    del member.cookies["meshdeck"]
    answer = member.get("/oidc/offline/", {"code": "x", "state": begun["state"]})
    assert answer.status_code == 401
    (there,) = set(re.findall(r'next=([^"&]+)', answer.content.decode()))
    assert unquote(there) == f"{PAGE}?way=offline"


def test_while_the_provider_is_unknown_nothing_is_taken(member: Client, hostile: HostileProvider) -> None:
    row = made(member, hostile)
    hostile.broken["/.well-known/openid-configuration"] = DOWN
    discovery.forget_providers()
    files = f"{PAGE}offline/{row.pk}/files/"
    assert member.post(files, {"kind": "sh"}).status_code == 503
    hostile.broken.clear()
    discovery.forget_providers()
    assert member.post(files, {"kind": "sh"}).status_code == 200


def test_a_first_token_that_cannot_be_spent_is_ended(member: Client, hostile: HostileProvider) -> None:
    """The provider fails between the two tokens, and then at the revocation too: the sweeper ends it."""
    begun = asked(member)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    exchange = hostile.exchange

    def fail_second(form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if form["grant_type"] == "refresh_token":
            return 500, {}
        hostile.broken["/revoke"] = DOWN
        return exchange(form)

    hostile.exchange = fail_second  # type: ignore[method-assign]
    assert member.get("/oidc/offline/", {"code": code, "state": begun["state"]}).status_code == 503
    row = OfflineToken.objects.get()
    assert (row.ended_at, row.ready_until) == (None, None)
    assert "not downloaded" in member.get(f"{PAGE}?way=offline").content.decode()
    OfflineToken.objects.update(made_at=datetime.now(UTC) - timedelta(minutes=6))
    assert offline.sweep() == 0  # still away
    del hostile.broken["/revoke"]
    assert offline.sweep() == 1
    assert not hostile.refresh_tokens & set(revoked(hostile))
    row.refresh_from_db()
    assert row.end_reason == OfflineToken.End.NOT_TAKEN


@pytest.mark.parametrize("second", ["same", "none"])
def test_a_provider_that_spends_nothing_gives_none(member: Client, hostile: HostileProvider, second: str) -> None:
    hostile.token["refresh_token"] = lambda: "forever"
    if second == "none":
        given = iter(["forever", None])
        hostile.token["refresh_token"] = lambda: next(given)
    hostile.refresh_tokens.add("forever")
    answer = come_back(member, hostile)
    assert answer.status_code == 403
    assert "does not rotate refresh tokens" in answer.content.decode()
    assert revoked(hostile) == ["forever"]
    assert OfflineToken.objects.get().revoker == ""


@pytest.mark.parametrize(
    ("twist", "value"),
    [("aud", "portal"), ("nonce", "another"), ("iss", "https://evil.example.org"), ("exp", 1), ("azp", "portal")],
)
def test_an_id_token_that_does_not_hold_gives_none(
    member: Client, hostile: HostileProvider, twist: str, value: object
) -> None:
    hostile.claims[twist] = value
    answer = come_back(member, hostile)
    assert answer.status_code == 400
    assert not OfflineToken.objects.exists()
    assert len(revoked(hostile)) == 1


def test_keycloaks_word_for_a_missing_role_is_put_into_ours(member: Client, hostile: HostileProvider) -> None:
    begun = asked(member)
    hostile.broken["/token"] = Broken(status=400, body=b'{"error": "not_allowed"}')
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    answer = member.get("/oidc/offline/", {"code": code, "state": begun["state"]})
    assert answer.status_code == 403
    assert "ask its operator whether you may have offline tokens" in answer.content.decode()


def test_without_the_scope_in_the_answer_there_is_none(member: Client, hostile: HostileProvider) -> None:
    """Some give a refresh token that ends with the browser's session."""
    hostile.token["scope"] = "openid profile"
    assert come_back(member, hostile).status_code == 403
    assert not OfflineToken.objects.exists()
    assert len(revoked(hostile)) == 1


@pytest.mark.parametrize("query", [{"error": "x" * 5000}, {"error": "<b>"}, {"code": ""}, {"iss": "https://evil.org"}])
def test_a_bad_answer_is_a_page(member: Client, hostile: HostileProvider, query: dict[str, str]) -> None:
    answer = come_back(member, hostile, **query)
    assert 400 <= answer.status_code < 500
    assert "<b>" not in answer.content.decode().split("<main")[1].replace('<b class="', "")
    assert not OfflineToken.objects.exists()


@pytest.mark.parametrize("status", [500, 503, 400])
def test_what_the_provider_does_not_revoke_is_said_to_work_on(
    member: Client, hostile: HostileProvider, status: int
) -> None:
    row = made(member, hostile)
    hostile.broken["/revoke"] = Broken(status=status)
    answer = member.post(f"{PAGE}offline/{row.pk}/revoke/")
    assert answer.status_code == 503
    assert "The token still works" in answer.content.decode()
    row.refresh_from_db()
    assert row.ended_at is None
    del hostile.broken["/revoke"]
    assert member.post(f"{PAGE}offline/{row.pk}/revoke/").status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


def test_rotating_the_vault_moves_it_to_the_first_key(
    member: Client, hostile: HostileProvider, settings: Settings
) -> None:
    old, new = settings.VAULT_KEYS[0], Fernet.generate_key().decode()
    row = made(member, hostile)
    settings.VAULT_KEYS = [new]
    assert [error.id for error in vault_opens(["default"])]
    settings.VAULT_KEYS = [new, old]
    call_command("rotate_vault", stdout=io.StringIO())
    settings.VAULT_KEYS = [new]
    assert not vault_opens(["default"])
    assert member.post(f"{PAGE}offline/{row.pk}/revoke/").status_code == 302


def test_the_check_looks_at_offline_tokens_too(member: Client, hostile: HostileProvider, settings: Settings) -> None:
    made(member, hostile)
    vault.Grant.objects.all().delete()
    assert not vault_opens(["default"])
    settings.VAULT_KEYS = [Fernet.generate_key().decode()]
    assert [error.id for error in vault_opens(["default"])] == ["identity.E002"]


def test_ended_ones_stay_for_a_month_and_living_ones_for_good(member: Client, hostile: HostileProvider) -> None:
    ended, living = made(member, hostile), made(member, hostile)
    member.post(f"{PAGE}offline/{ended.pk}/revoke/")
    clear_up()
    assert OfflineToken.objects.count() == 2
    month_ago = datetime.now(UTC) - timedelta(days=31)
    OfflineToken.objects.update(made_at=month_ago)
    OfflineToken.objects.exclude(ended_at=None).update(ended_at=month_ago)
    clear_up()
    assert OfflineToken.objects.get() == living


def test_the_sweeper_is_on_the_schedule(member: Client, hostile: HostileProvider, settings: Settings) -> None:
    made(member, hostile)
    OfflineToken.objects.update(made_at=datetime.now(UTC) - timedelta(minutes=6))
    current_app.tasks[settings.CELERY_BEAT_SCHEDULE["sweep-offline-tokens"]["task"]]()
    assert OfflineToken.objects.get().end_reason == OfflineToken.End.NOT_TAKEN


def test_a_wrong_key_is_told_and_ends_nothing(member: Client, hostile: HostileProvider, settings: Settings) -> None:
    row = made(member, hostile)
    settings.VAULT_KEYS = [Fernet.generate_key().decode()]
    answer = member.post(f"{PAGE}offline/{row.pk}/revoke/")
    assert answer.status_code == 503
    assert "decrypt its vault" in answer.content.decode()
    assert OfflineToken.objects.get().ended_at is None
    assert not revoked(hostile)


def test_a_redis_that_is_away_is_told(member: Client, hostile: HostileProvider, settings: Settings) -> None:
    row = made(member, hostile)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"  # the vault's; nothing listens there
    assert member.get(f"{PAGE}offline/{row.pk}/").status_code == 503
    assert member.post(f"{PAGE}offline/{row.pk}/files/", {"kind": "sh"}).status_code == 503
    assert come_back(member, hostile).status_code == 503
    assert OfflineToken.objects.count() == 2
    assert OfflineToken.objects.latest("made_at").end_reason == OfflineToken.End.NOT_TAKEN


def test_the_time_to_take_it_is_two_minutes(member: Client, hostile: HostileProvider) -> None:
    row = made(member, hostile)
    assert row.ready_until is not None
    assert timedelta(0) < row.ready_until - datetime.now(UTC) <= envelope.LASTS
    OfflineToken.objects.update(ready_until=datetime.now(UTC))
    assert member.post(f"{PAGE}offline/{row.pk}/files/", {"kind": "sh"}).status_code == 409


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5", ""),
        ("<script>" * 500, ""),
    ],
)
def test_the_browser_is_called_as_people_call_it(agent: str, said: str) -> None:
    assert browser(agent) == said
