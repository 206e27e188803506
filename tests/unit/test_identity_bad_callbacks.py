"""Answers that a browser could bring back from a provider: used once, by the browser that asked, or refused."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.identity import pending
from portal.identity.models import Grant
from tests.providers.hostile import Broken, HostileProvider
from tests.providers.login import begin, come_back, log_in
from tests.unit.identity_cast import CALLBACK, is_logged_in, refused

pytestmark = pytest.mark.django_db


def test_a_made_up_state_is_refused(client: Client, hostile: HostileProvider) -> None:
    refused(client, come_back(client, hostile, begin(client), state="made up"), 400, "no longer valid")
    assert hostile.asked("/token") == 0


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"state": ""}, {"error": "access_denied"}, {"code": "a\x00b"}])
def test_a_callback_without_a_login_is_refused(client: Client, hostile: HostileProvider, query: dict[str, str]) -> None:
    refused(client, client.get(CALLBACK, query), 400, "no longer valid")
    assert hostile.seen == []


def test_a_state_of_another_browser_is_refused(client: Client, hostile: HostileProvider) -> None:
    """Login CSRF: the attacker's own answer, brought by the victim's browser."""
    attacker = Client()
    begun = begin(attacker)
    begin(client)
    refused(client, come_back(client, hostile, begun), 400, "no longer valid")


def test_a_state_is_used_once_even_with_a_copied_cookie(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    assert come_back(client, hostile, begun)["Location"] == "/"
    thief = Client()
    thief.cookies.load(kept)
    assert not is_logged_in(thief)
    answer = come_back(thief, hostile, begun)
    assert answer.status_code == 400
    assert not is_logged_in(thief)
    assert Grant.objects.count() == 1


def test_coming_back_twice_says_so_and_keeps_the_login(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    query = {"code": code, "state": begun["state"]}
    assert client.get(CALLBACK, query).status_code == 302
    again = client.get(CALLBACK, query)
    assert again.status_code == 400
    assert "You are logged in as member" in again.content.decode()
    assert is_logged_in(client)
    assert hostile.asked("/token") == 1


def test_a_login_that_took_too_long_is_refused(
    client: Client, hostile: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(client)
    monkeypatch.setattr(pending, "LASTS_SECONDS", -1)
    refused(client, come_back(client, hostile, begun), 400, "no longer valid")


def test_a_code_of_another_login_is_refused(client: Client, hostile: HostileProvider) -> None:
    """Code injection: PKCE and the nonce bind the code to the login that asked for it."""
    attackers = begin(Client())
    code = hostile.code(attackers["nonce"], attackers["code_challenge"])
    answer = come_back(client, hostile, begin(client), code=code)
    refused(client, answer, 400, "did not accept this login")


def test_a_made_up_code_is_refused(client: Client, hostile: HostileProvider) -> None:
    refused(client, come_back(client, hostile, begin(client), code="made-up"), 400, "did not accept this login")


def test_an_answer_with_neither_code_nor_error_is_refused(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    refused(client, client.get(CALLBACK, {"state": begun["state"]}), 400, "can&#x27;t be trusted")


def test_an_answer_with_a_parameter_twice_is_refused(client: Client, hostile: HostileProvider) -> None:
    begun = begin(client)
    code = hostile.code(begun["nonce"], begun["code_challenge"])
    answer = client.get(f"{CALLBACK}?code={code}&code=other&state={begun['state']}")
    refused(client, answer, 400, "can&#x27;t be trusted")


def test_an_answer_of_another_provider_is_refused(client: Client, hostile: HostileProvider) -> None:
    """The mix-up attack (RFC 9207)."""
    answer = come_back(client, hostile, begin(client), iss="https://evil.example.org")
    refused(client, answer, 400, "can&#x27;t be trusted")
    assert hostile.asked("/token") == 0


def test_a_provider_that_promises_its_name_has_to_give_it(client: Client, hostile: HostileProvider) -> None:
    hostile.metadata["authorization_response_iss_parameter_supported"] = True
    refused(client, log_in(client, hostile), 400, "can&#x27;t be trusted")
    assert come_back(client, hostile, begin(client), iss=hostile.issuer)["Location"] == "/"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "You were not logged in"),
        ("temporarily_unavailable", 503, "is not answering"),
        ("server_error", 503, "is not answering"),
        ("consent_required", 400, "consent_required"),
        ("<script>alert(1)</script>", 400, "none given"),
    ],
)
def test_an_error_of_the_provider_becomes_a_page(
    client: Client, hostile: HostileProvider, error: str, status: int, words: str
) -> None:
    begun = begin(client, "/projects/atlas/")
    answer = client.get(CALLBACK, {"error": error, "error_description": "call 0800", "state": begun["state"]})
    refused(client, answer, status, words)
    text = answer.content.decode()
    assert "0800" not in text
    assert "<script>alert" not in text
    assert f"{reverse('login')}?next=%2Fprojects%2Fatlas%2F" in text


def test_a_portal_that_the_provider_does_not_know_says_what_to_mend(client: Client, hostile: HostileProvider) -> None:
    hostile.broken["/token"] = Broken(401, b'{"error": "invalid_client"}')
    refused(client, log_in(client, hostile), 503, "MESHDECK_OIDC_CLIENT_SECRET")
