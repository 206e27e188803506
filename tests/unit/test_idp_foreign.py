"""The foreign provider keeps to the same contract, so that what is proven against it means something."""

import requests

from tests.providers.client import location
from tests.providers.foreign import ForeignProvider


def test_its_access_tokens_are_fit_for_a_cloud(foreign_provider: ForeignProvider) -> None:
    claims = foreign_provider.client().claims(foreign_provider.tokens("admin")["access_token"], audience="openstack")
    assert (claims["preferred_username"], claims["azp"]) == ("admin", "portal")
    assert claims["groups"] == ["atlas-admin", "borealis-admin", "meshdeck-operators"]


def test_its_refresh_tokens_rotate(foreign_provider: ForeignProvider) -> None:
    client = foreign_provider.client()
    tokens = foreign_provider.tokens("member")
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_it_demands_pkce(foreign_provider: ForeignProvider) -> None:
    attempt = foreign_provider.client().begin(code_challenge="", code_challenge_method="")
    _, query = location(foreign_provider.log_in(requests.Session(), attempt))
    assert query["error"] == "invalid_request"
