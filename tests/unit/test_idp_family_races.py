"""A long login that is ended while it renews itself: whoever is first, no token works afterwards."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests

from tests.providers import builtin
from tests.providers.builtin import OFFLINE, IdentityProvider
from tests.providers.client import TIMEOUT, follow, forms, location
from tests.support.postgres import postgres

ROUNDS = 5


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Where writers lock rows, and not the database as with SQLite."""
    with (
        postgres() as url,
        builtin.identity_provider(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url) as provider,
    ):
        yield provider


End = Callable[[], requests.Response]


def long_login(provider: IdentityProvider, browser: requests.Session) -> str:
    """One more of who is logged in with this browser; its first token."""
    client = provider.command_line()
    attempt = client.begin(" ".join(OFFLINE))
    page = follow(browser, browser.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
    _, query = location(provider.consent(browser, page))
    token: str = client.exchange(attempt, query["code"]).json()["refresh_token"]
    return token


def by_revocation(provider: IdentityProvider, _browser: requests.Session, first: str) -> End:
    """Return what the portal does, with the token that was spent first."""
    client = provider.command_line()
    data = {"client_id": client.client_id, "token": first}
    return lambda: requests.post(client.metadata["revocation_endpoint"], data=data, timeout=TIMEOUT)


def on_its_page(provider: IdentityProvider, browser: requests.Session, _first: str) -> End:
    """Return the button in one's account, of a page that was opened before."""
    page = browser.get(f"{provider.issuer}/account/command-lines/", timeout=TIMEOUT)
    form = next(form for form in forms(page) if form.action.endswith("/end/"))  # the newest
    headers = {"Referer": page.url}
    return lambda: browser.post(form.action, data=form.fields, headers=headers, timeout=TIMEOUT)


def renews(provider: IdentityProvider, token: str, ended: Event) -> tuple[str, int]:
    """As fast as it can until it is refused, or the end was said to be done; the last token, and how often."""
    client, often = provider.command_line(), 0
    while not ended.is_set():
        answer = client.refresh(token)
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
            break
        token, often = answer.json()["refresh_token"], often + 1
    return token, often


@pytest.mark.parametrize("end", [by_revocation, on_its_page])
@pytest.mark.parametrize(
    "where", ["identity_provider", pytest.param("on_postgresql", marks=pytest.mark.requires("postgresql"))]
)
def test_what_was_ended_during_a_renewal_is_ended(
    request: pytest.FixtureRequest, where: str, end: Callable[[IdentityProvider, requests.Session, str], End]
) -> None:
    provider: IdentityProvider = request.getfixturevalue(where)
    browser = requests.Session()
    provider.log_in(browser, provider.client().begin())
    renewed = 0
    for number in range(ROUNDS):
        first, ended = long_login(provider, browser), Event()
        do_end = end(provider, browser, first)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(renews, provider, first, ended)
            time.sleep(0.05 + number * 0.011)  # each time at another moment of the renewal
            try:
                assert do_end().status_code == 200
            finally:
                ended.set()
            last, often = running.result()
        answer = provider.command_line().refresh(last)
        assert (answer.status_code, answer.json().get("error")) == (400, "invalid_grant"), number
        renewed += often
    assert renewed >= ROUNDS / 2  # some were in time, so that it was a race
