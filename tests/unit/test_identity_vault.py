"""The vault: encrypted at rest, keys that rotate, wrong keys that say so, and nothing of it in a log."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis as redis_client
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from portal.identity import crypto, sessions, vault
from portal.identity.checks import issuer_is_safe, vault_opens
from portal.identity.errors import VaultKeyError
from portal.identity.models import Grant
from tests.providers.hostile import HostileProvider
from tests.providers.login import begin, come_back, log_in

pytestmark = pytest.mark.django_db

IN_AN_HOUR = timedelta(hours=1)


def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def every_log() -> Iterator[io.StringIO]:
    """All that any logger says at any level."""
    heard = io.StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    level = root.level
    quiet = {
        name: logger.level
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and logger.level
    }
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield heard
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_token_code_or_state_is_ever_logged(
    client: Client, hostile: HostileProvider, every_log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = begin(client, "/operator/")
    come_back(client, hostile, begun)
    grant = Grant.objects.get()
    Grant.objects.update(expires_at=datetime.now(UTC))
    vault.access_token(grant.pk)
    failed = begin(Client())
    come_back(Client(), hostile, failed)
    session_key = client.session.session_key
    client.post(reverse("logout"))
    said = every_log.getvalue() + "".join(capsys.readouterr())
    assert "grant_renewed" in said
    assert "POST /token" in said  # urllib3 at DEBUG: the capture works
    secrets = [*hostile.issued, begun["state"], begun["nonce"], failed["state"], str(session_key)]
    assert [secret for secret in secrets if secret in said] == []


def test_nothing_readable_lies_in_the_database_or_in_redis(
    client: Client, hostile: HostileProvider, redis: "redis_client.Redis"
) -> None:
    log_in(client, hostile)
    grant = Grant.objects.get()
    vault.remember("keystone:atlas", b"a keystone token", datetime.now(UTC) + IN_AN_HOUR, owner=grant.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identity_grant")
        row = str(cursor.fetchall())
        cursor.execute("SELECT session_data FROM django_session")
        row += str([client.session.decode(data) for (data,) in cursor.fetchall()])
    held = b"".join(
        name + (redis.get(name) or b"") for name in redis.scan_iter("vault:*") if redis.type(name) == b"string"
    )
    assert not any(secret in row for secret in hostile.issued)
    assert held
    for word in (b"keystone", b"atlas", str(grant.pk).encode()):
        assert word not in held


def test_a_secret_is_remembered_until_it_expires(redis: "redis_client.Redis") -> None:
    vault.remember("a", b"secret", datetime.now(UTC) + IN_AN_HOUR)
    assert vault.recall("a") == b"secret"
    lives = redis.pttl(next(redis.scan_iter("vault:*")))
    assert 3_590_000 < lives <= 3_600_000
    vault.forget("a")
    assert vault.recall("a") is None
    vault.remember("b", b"secret", datetime.now(UTC) - timedelta(seconds=1))
    assert vault.recall("b") is None


def test_a_secret_is_taken_once(redis: "redis_client.Redis") -> None:
    vault.remember("a", b"secret", datetime.now(UTC) + IN_AN_HOUR)
    assert vault.take("a") == b"secret"
    assert vault.take("a") is None
    assert not vault.holds("a")


def test_the_first_key_encrypts_and_all_decrypt(settings: Settings) -> None:
    old, new = new_key(), new_key()
    settings.VAULT_KEYS = [old]
    sealed = crypto.encrypt(b"secret")
    settings.VAULT_KEYS = [new, old]
    assert crypto.decrypt(sealed) == b"secret"
    fresh = crypto.rotate(sealed)
    settings.VAULT_KEYS = [new]
    assert crypto.decrypt(fresh) == b"secret"
    with pytest.raises(VaultKeyError, match="Add the key"):
        crypto.decrypt(sealed)


@pytest.mark.parametrize(
    ("keys", "words"),
    [([], "is empty"), (["short"], "key 1 of 1"), ([new_key(), "x" * 44], "key 2 of 2"), ([""], "key 1 of 1")],
    ids=["none", "short", "second", "blank"],
)
def test_malformed_keys_are_named_without_being_shown(settings: Settings, keys: list[str], words: str) -> None:
    settings.VAULT_KEYS = keys
    with pytest.raises(VaultKeyError, match=words) as raised:
        crypto.keys()
    assert not any(key and key in str(raised.value) for key in keys)


def test_rotating_moves_every_login_to_the_first_key(
    client: Client, hostile: HostileProvider, settings: Settings
) -> None:
    old, new = new_key(), new_key()
    settings.VAULT_KEYS = [old]
    log_in(client, hostile)
    log_in(Client(), hostile)
    vault.remember("a", b"secret", datetime.now(UTC) + IN_AN_HOUR)
    settings.VAULT_KEYS = [new, old]
    said = io.StringIO()
    call_command("rotate_vault", stdout=said)
    assert said.getvalue().startswith("2 logins")
    settings.VAULT_KEYS = [new]
    for grant in Grant.objects.all():
        assert vault.access_token(grant.pk).value in hostile.issued
    assert vault.recall("a") is None  # had anew, instead of failing
    call_command("rotate_vault", stdout=said)


def test_a_wrong_key_is_never_silent(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    log_in(client, hostile)
    grant = Grant.objects.get()
    vault.remember("a", b"secret", datetime.now(UTC) + IN_AN_HOUR)
    right = settings.VAULT_KEYS
    settings.VAULT_KEYS = [new_key()]
    with pytest.raises(VaultKeyError):
        vault.access_token(grant.pk)
    with pytest.raises(VaultKeyError):
        vault.recall("a")
    with pytest.raises(CommandError, match="MESHDECK_VAULT_KEYS"):
        call_command("rotate_vault")
    assert "identity.E002" in [error.id for error in checks.run_checks(databases=["default"])]

    Grant.objects.update(expires_at=datetime.now(UTC))
    session = client.session
    session[sessions.RENEW_AT] = 0
    session.save()
    page = client.get("/operator/")
    assert page.status_code == 503
    assert "MESHDECK_VAULT_KEYS" in page.content.decode()
    settings.VAULT_KEYS = right
    assert vault_opens(databases=["default"]) == []
    assert vault.access_token(grant.pk).value in hostile.issued  # nothing was lost
    assert client.get("/operator/").status_code == 404  # a person again, and no operator


def test_one_can_log_out_with_a_wrong_key_too(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    log_in(client, hostile)
    settings.VAULT_KEYS = [new_key()]
    assert client.post(reverse("logout")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_logging_in_says_so_while_redis_is_away(client: Client, hostile: HostileProvider, settings: Settings) -> None:
    begun = begin(client)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = come_back(client, hostile, begun)
    assert answer.status_code == 503
    assert "Nobody can log in at the moment" in answer.content.decode()


@pytest.mark.parametrize(
    ("issuer", "fine"),
    [
        ("https://id.example.org/realms/mesh", True),
        ("http://127.0.0.1:8001", True),
        ("http://localhost:8001", True),
        ("http://id.example.org", False),
        ("id.example.org", False),
        ("", False),
    ],
)
def test_an_issuer_without_tls_is_refused_at_the_start(settings: Settings, issuer: str, fine: bool) -> None:
    settings.OIDC_ISSUER = issuer
    assert (issuer_is_safe() == []) is fine
