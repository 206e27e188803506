"""Second factors at the built-in provider: authenticator app, recovery codes, and what guards them."""

import base64
import hashlib
import hmac
import re
import sqlite3
import struct
import time
from collections.abc import Iterator

import pytest
import requests

from portal.idp.cast import PASSWORD
from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, follow, form_with, location, submit


def totp(secret: str, steps: int = 0) -> str:
    """Six digits as an authenticator app shows them (RFC 6238), `steps` half minutes from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1)
    (number,) = struct.unpack(">I", digest[digest[-1] & 15 :][:4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Return a provider of its own: these tests change the cast."""
    with builtin.identity_provider(tmp_path_factory.mktemp("factors")) as one:
        yield one


@pytest.fixture(scope="module")
def member(provider: IdentityProvider) -> tuple[str, list[str]]:
    """`member` with an authenticator app: its secret, and the recovery codes."""
    browser = requests.Session()
    provider.log_in(browser, provider.client().begin())
    page = follow(browser, browser.get(f"{provider.issuer}/account/totp/activate/", timeout=TIMEOUT))
    page = submit(browser, form_with(page, "password"), password=PASSWORD)
    found = re.search(r'data-copy="([A-Z2-7]{16,})"', page.text)
    assert found, page.text
    page = submit(browser, form_with(page, "code"), code=totp(found[1], -1))
    codes = re.findall(r"<li><code>(\d+)</code></li>", page.text)
    assert len(codes) == 10, page.text
    return found[1], codes


def challenge(provider: IdentityProvider) -> tuple[requests.Session, requests.Response]:
    """Return a fresh browser that has given the right password and now sees the question for the second factor."""
    browser = requests.Session()
    page = provider.log_in(browser, provider.client().begin())
    assert "Second factor" in page.text
    return browser, page


def test_the_password_alone_is_not_enough(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    browser, _ = challenge(provider)
    answer = follow(browser, browser.get(provider.client().begin().url, allow_redirects=False, timeout=TIMEOUT))
    assert not answer.is_redirect
    assert "Second factor" in answer.text


def test_six_digits_finish_the_login(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    browser, page = challenge(provider)
    address, query = location(submit(browser, form_with(page, "code"), code=totp(member[0])))
    assert address == provider.redirect_uri
    assert query["code"]


def test_digits_work_once(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    digits = totp(member[0], 1)
    browser, page = challenge(provider)
    assert submit(browser, form_with(page, "code"), code=digits).is_redirect
    browser, page = challenge(provider)
    assert "This code is wrong" in submit(browser, form_with(page, "code"), code=digits).text


def test_wrong_digits_are_refused_in_words(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    browser, page = challenge(provider)
    assert "This code is wrong" in submit(browser, form_with(page, "code"), code="000000").text


def test_a_recovery_code_stands_in_once(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    code = member[1][0]
    browser, page = challenge(provider)
    assert submit(browser, form_with(page, "code"), code=code).is_redirect
    browser, page = challenge(provider)
    assert "This code is wrong" in submit(browser, form_with(page, "code"), code=code).text


def test_secrets_are_not_readable_in_the_database(provider: IdentityProvider, member: tuple[str, list[str]]) -> None:
    with sqlite3.connect(provider.state / "idp.sqlite3") as database:
        rows = database.execute("SELECT data FROM mfa_authenticator").fetchall()
    assert len(rows) == 2
    assert all(member[0] not in data for (data,) in rows)


def test_setting_up_a_factor_needs_a_fresh_proof(provider: IdentityProvider) -> None:
    """A browser left open is not enough to lock its owner out: even a fresh login gives the password again."""
    browser = requests.Session()
    provider.log_in(browser, provider.client().begin(), "reader")
    page = follow(browser, browser.get(f"{provider.issuer}/account/totp/activate/", timeout=TIMEOUT))
    assert "Confirm your identity" in page.text
