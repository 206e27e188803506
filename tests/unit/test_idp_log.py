"""The built-in provider's log at DEBUG: what it says of a login and of tokens has none of the secrets in it."""

import logging
from collections.abc import Iterator

import pytest
import requests

from portal.idp.cast import PASSWORD
from tests.providers import builtin
from tests.providers.builtin import OFFLINE, IdentityProvider
from tests.providers.client import TIMEOUT, Client, location


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with builtin.identity_provider(tmp_path_factory.mktemp("talkative"), log_level="DEBUG") as provider:
        yield provider


def secrets_of(provider: IdentityProvider, client: Client) -> dict[str, str]:
    """Return a whole login of this client, a renewal, a refused one, and the end; all that is secret of it."""
    browser, attempt = requests.Session(), client.begin(" ".join(OFFLINE))
    page = provider.log_in(browser, attempt)
    _, query = location(page if page.is_redirect else provider.consent(browser, page))
    first = client.exchange(attempt, query["code"]).json()
    second = client.refresh(first["refresh_token"]).json()
    # Where the same two are asked in the body, as not all clients use the header.
    own = (
        {"client_id": client.client_id, "client_secret": client.secret}
        if client.secret
        else {"client_id": client.client_id}
    )
    for token in (second["refresh_token"], second["access_token"]):
        answer = requests.post(client.metadata["revocation_endpoint"], data={**own, "token": token}, timeout=TIMEOUT)
        assert answer.status_code == 200
    assert client.refresh(second["refresh_token"]).status_code == 400
    told = {f"{name} of the first answer": value for name, value in first.items() if name.endswith("_token")}
    told |= {f"{name} of the second": value for name, value in second.items() if name.endswith("_token")}
    assert len(told) >= 5
    return {**told, "code": query["code"], "verifier": attempt.verifier, **browser.cookies.get_dict()}


@pytest.mark.parametrize("who", ["client", "command_line"])
def test_no_line_of_it_has_a_secret(talkative: IdentityProvider, who: str) -> None:
    client: Client = getattr(talkative, who)()
    secret = secrets_of(talkative, client)
    log = (talkative.state / "idp.log").read_text()
    level = "import logging; print(logging.getLogger('anybody').getEffectiveLevel())"
    assert talkative.manage("shell", "--no-imports", "-c", level).split() == [str(logging.DEBUG)]
    assert "client=meshdeck-cli why=revoked" in log or who == "client"
    secret |= {"the client's secret": talkative.client_secret, "password": f"'{PASSWORD}'"}
    assert [name for name, value in secret.items() if value in log] == []
