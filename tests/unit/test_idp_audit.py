"""The built-in provider's log of logins, and what a changed password ends."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
import requests

from portal.idp.cast import PASSWORD
from tests.providers import builtin
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT, Form, form_with, forms, location, submit

NEW_PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Return a provider of its own, behind one proxy: these tests change passwords and read the log."""
    with builtin.identity_provider(tmp_path_factory.mktemp("audit"), TRUSTED_PROXIES="1", LOGIN_RATE="40/m/ip") as one:
        yield one


def log_of(provider: IdentityProvider) -> str:
    return (provider.state / "idp.log").read_text()


def attempt(provider: IdentityProvider, username: str, password: str, address: str) -> requests.Response:
    browser = requests.Session()
    browser.headers["X-Forwarded-For"] = address
    page = browser.get(f"{provider.issuer}/login/", timeout=TIMEOUT)
    return submit(browser, form_with(page, "login", "password"), login=username, password=password)


def test_logins_are_logged_good_and_bad(provider: IdentityProvider) -> None:
    attempt(provider, "reader", PASSWORD, "192.0.2.1")
    bad = attempt(provider, "reader", "MARKED-wrong-password", "192.0.2.2")
    log = log_of(provider)
    assert re.search(r"INFO .*login: user=reader method=password address=192\.0\.2\.1 request=\w{32}", log)
    (line,) = re.findall(r"WARNING .*login_failed: user=reader address=192\.0\.2\.2 request=\w{32}", log)
    assert line.endswith(bad.headers["X-Request-ID"])
    assert "MARKED" not in log
    assert f"'{PASSWORD}'" not in log


def test_name_that_nobody_has_is_not_logged(provider: IdentityProvider) -> None:
    """Some type their password there."""
    attempt(provider, "MARKED-hunter2", "x", "192.0.2.3")
    assert re.search(r"login_failed: user=unknown address=192\.0\.2\.3 request=", log_of(provider))
    assert "MARKED-hunter2" not in log_of(provider)


def test_lock_out_and_rate_limit_are_logged(provider: IdentityProvider) -> None:
    for _ in range(6):
        attempt(provider, "admin", "wrong", "192.0.2.4")
    assert re.search(r"login_blocked: user=admin address=192\.0\.2\.4 request=", log_of(provider))
    answers = [attempt(provider, f"nobody-{n}", "wrong", "192.0.2.5").status_code for n in range(41)]
    assert answers[-1] == 429
    assert re.search(r"rate_limited: path=/login/ address=192\.0\.2\.5 request=", log_of(provider))


def changed(provider: IdentityProvider, browser: requests.Session, old: str, new: str) -> requests.Response:
    page = browser.get(f"{provider.issuer}/account/password/", timeout=TIMEOUT)
    form: Form = form_with(page, "oldpassword", "password1")
    return submit(browser, form, oldpassword=old, password1=new, password2=new)


def test_changed_password_ends_all_logins(provider: IdentityProvider) -> None:
    portal, command_line = provider.client(), provider.command_line()
    long = provider.long_login()["refresh_token"]
    elsewhere, here = requests.Session(), requests.Session()
    tokens = []
    for browser in (elsewhere, here):
        asked = portal.begin()
        _, query = location(provider.log_in(browser, asked))
        tokens.append(portal.exchange(asked, query["code"]).json())
    of_others = provider.tokens("reader")

    assert changed(provider, here, PASSWORD, NEW_PASSWORD).status_code == 200

    assert command_line.refresh(long).status_code == 400
    assert [portal.refresh(one["refresh_token"]).status_code for one in tokens] == [400, 400]
    assert "/login/" in elsewhere.get(f"{provider.issuer}/account/", timeout=TIMEOUT).url
    # Who changed it stays logged in at the provider; other people's logins stay.
    page = here.get(f"{provider.issuer}/account/command-lines/", timeout=TIMEOUT)
    assert "/login/" not in page.url
    assert not [form for form in forms(page) if form.action.endswith("/end/")]
    assert portal.refresh(of_others["refresh_token"]).status_code == 200
    assert "logins_ended: user=member why=password changed" in log_of(provider)


def test_operator_changing_a_password_ends_logins_too(provider: IdentityProvider) -> None:
    tokens = provider.tokens("stranger")
    code = "from django.contrib.auth.models import User; u = User.objects.get(username='stranger'); "
    provider.manage("shell", "--no-imports", "-c", f"{code} u.set_password('{NEW_PASSWORD}'); u.save()")
    assert provider.client().refresh(tokens["refresh_token"]).status_code == 400


def test_cookies_belong_to_the_host_alone_with_tls(provider: IdentityProvider) -> None:
    secure = {"MESHDECK_IDP_ISSUER": "https://login.example.org"}
    with_tls = dataclasses.replace(provider, environment=provider.environment | secure)
    code = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
    assert with_tls.manage("shell", "--no-imports", "-c", code).split() == [
        "__Host-meshdeck-idp", "__Host-meshdeck-idp-csrf",
    ]  # fmt: skip
