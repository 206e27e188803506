"""Long logins of the command line at the built-in provider: a family of refresh tokens, and how it ends."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.providers import builtin
from tests.providers.builtin import OFFLINE, IdentityProvider
from tests.providers.client import TIMEOUT, form_with, forms, submit
from tests.support.postgres import postgres

REFUSED = (400, "invalid_grant")


def renewed(provider: IdentityProvider, token: str) -> str:
    answer = provider.command_line().refresh(token)
    assert answer.status_code == 200, answer.text
    fresh: str = answer.json()["refresh_token"]
    return fresh


def refusal(provider: IdentityProvider, token: str) -> tuple[int, str]:
    answer = provider.command_line().refresh(token)
    return answer.status_code, answer.json().get("error", "")


def revoke(provider: IdentityProvider, token: str, **more: str) -> requests.Response:
    client = provider.command_line()
    data = {"client_id": client.client_id, "token": token, **more}
    return requests.post(client.metadata["revocation_endpoint"], data=data, timeout=TIMEOUT)


def account(provider: IdentityProvider, username: str = "member") -> requests.Session:
    browser = requests.Session()
    provider.log_in(browser, provider.client().begin(), username)
    return browser


def page_of(provider: IdentityProvider, browser: requests.Session) -> requests.Response:
    page = browser.get(f"{provider.issuer}/account/command-lines/", timeout=TIMEOUT)
    assert page.status_code == 200
    return page


def ends_on(page: requests.Response) -> list[str]:
    return [form.action for form in forms(page) if form.action.endswith("/end/")]


def test_the_models_have_their_migrations(identity_provider: IdentityProvider) -> None:
    assert "No changes" in identity_provider.manage("makemigrations", "--check", "--dry-run")


def test_who_does_not_ask_to_stay_gets_nothing_to_stay_with(identity_provider: IdentityProvider) -> None:
    tokens = identity_provider.long_login(scopes=OFFLINE[:-1])
    assert tokens["access_token"]
    assert not {"refresh_token", "refresh_expires_in"} & tokens.keys()


def test_each_renewal_brings_the_next_token_of_the_same_person(identity_provider: IdentityProvider) -> None:
    client = identity_provider.command_line()
    first = identity_provider.long_login("reader")
    second = client.refresh(first["refresh_token"]).json()
    third = client.refresh(second["refresh_token"]).json()
    assert len({first["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    claims = client.claims(third["access_token"], audience="openstack")
    assert (claims["preferred_username"], claims["azp"]) == ("reader", "meshdeck-cli")


def test_a_token_that_comes_twice_ends_the_login(identity_provider: IdentityProvider) -> None:
    first = identity_provider.long_login()["refresh_token"]
    second = renewed(identity_provider, first)
    third = renewed(identity_provider, second)
    assert refusal(identity_provider, first) == REFUSED
    assert refusal(identity_provider, third) == REFUSED


def two_at_once(provider: IdentityProvider) -> None:
    """One is served, the other ends the login."""
    first = provider.long_login()["refresh_token"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(provider.command_line().refresh, [first, first]))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    won = next(answer for answer in answers if answer.status_code == 200).json()["refresh_token"]
    assert refusal(provider, won) == REFUSED


def test_of_two_at_once_one_is_served_and_the_login_ends(identity_provider: IdentityProvider) -> None:
    two_at_once(identity_provider)


@pytest.mark.requires("postgresql")
def test_it_is_so_on_postgresql_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where writers lock rows, and not the database as with SQLite."""
    with (
        postgres() as url,
        builtin.identity_provider(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url) as provider,
    ):
        for _ in range(5):
            two_at_once(provider)
        browser = account(provider)
        token = provider.long_login()["refresh_token"]
        page = page_of(provider, browser)
        submit(browser, next(form for form in forms(page) if form.action.endswith("/end/")))
        assert refusal(provider, token) == REFUSED


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "access_token"}])
@pytest.mark.parametrize("which", ["spent", "living"])
def test_revoking_any_token_ends_the_login(
    identity_provider: IdentityProvider, which: str, hint: dict[str, str]
) -> None:
    first = identity_provider.long_login()["refresh_token"]
    living = renewed(identity_provider, renewed(identity_provider, first))
    other = identity_provider.long_login()["refresh_token"]
    assert revoke(identity_provider, {"spent": first, "living": living}[which], **hint).status_code == 200
    assert refusal(identity_provider, living) == REFUSED
    assert renewed(identity_provider, other)
    assert revoke(identity_provider, first).status_code == 200  # once more: nothing to end is no error


def test_another_client_ends_nothing(identity_provider: IdentityProvider) -> None:
    first = identity_provider.long_login()["refresh_token"]
    living = renewed(identity_provider, first)
    portal = identity_provider.client()
    for token in (first, living):
        assert portal.refresh(token).status_code == 400
        answer = requests.post(
            portal.metadata["revocation_endpoint"],
            data={"token": token},
            auth=(portal.client_id, portal.secret),
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200
    assert renewed(identity_provider, living)


def test_nobody_revokes_the_portals_tokens_in_the_name_of_the_command_line(
    identity_provider: IdentityProvider,
) -> None:
    token = identity_provider.tokens("member")["refresh_token"]
    assert revoke(identity_provider, token).status_code == 200
    assert identity_provider.client().refresh(token).status_code == 200


def test_ones_account_lists_long_logins_and_ends_one(identity_provider: IdentityProvider) -> None:
    browser = account(identity_provider, "reader")
    before = ends_on(page_of(identity_provider, browser))
    kept = renewed(identity_provider, identity_provider.long_login("reader")["refresh_token"])
    gone = identity_provider.long_login("reader")["refresh_token"]
    page = page_of(identity_provider, browser)
    assert "Meshdeck CLI" in page.text
    assert ("never used" in page.text, "used 20" in page.text) == (True, True)
    mine = [form for form in forms(page) if form.action.endswith("/end/") and form.action not in before]
    assert len(mine) == 2
    after = submit(browser, mine[0])  # the newest first
    assert "This login can no longer be renewed." in after.text
    assert ends_on(after) == [mine[1].action, *before]
    assert refusal(identity_provider, gone) == REFUSED
    assert renewed(identity_provider, kept)


def test_what_was_revoked_is_no_longer_listed(identity_provider: IdentityProvider) -> None:
    browser = account(identity_provider)
    token = identity_provider.long_login()["refresh_token"]
    listed = ends_on(page_of(identity_provider, browser))
    revoke(identity_provider, token)
    assert ends_on(page_of(identity_provider, browser)) == listed[1:]


def test_nobody_ends_somebody_elses(identity_provider: IdentityProvider) -> None:
    token = identity_provider.long_login("member")["refresh_token"]
    address = ends_on(page_of(identity_provider, account(identity_provider, "member")))[0]
    stranger = account(identity_provider, "stranger")
    page = page_of(identity_provider, stranger)
    assert ends_on(page) == []
    form = form_with(page, "csrfmiddlewaretoken")
    forged = stranger.post(address, data=form.fields, headers={"Referer": page.url}, timeout=TIMEOUT)
    assert forged.status_code == 404
    assert stranger.post(address, timeout=TIMEOUT).status_code == 403  # and not without its own page
    assert renewed(identity_provider, token)


def test_the_page_is_for_who_is_logged_in(identity_provider: IdentityProvider) -> None:
    answer = requests.get(f"{identity_provider.issuer}/account/command-lines/", timeout=TIMEOUT)
    form_with(answer, "login", "password")


@pytest.fixture(scope="module")
def ageing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with builtin.identity_provider(tmp_path_factory.mktemp("ageing"), OFFLINE_SECONDS="4") as provider:
        yield provider


def test_a_login_has_a_greatest_age_however_busy(ageing: IdentityProvider) -> None:
    browser = account(ageing)
    first = ageing.long_login()
    assert first["refresh_expires_in"] in (2, 3, 4)
    time.sleep(1.5)
    second = ageing.command_line().refresh(first["refresh_token"]).json()
    assert second["refresh_expires_in"] <= 2
    assert len(ends_on(page_of(ageing, browser))) == 1
    time.sleep(3)
    assert refusal(ageing, second["refresh_token"]) == REFUSED
    assert ends_on(page_of(ageing, browser)) == []
    assert ageing.long_login()["refresh_token"]  # and a new one is as good as the first
