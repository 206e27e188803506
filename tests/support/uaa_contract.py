"""What the portal and the cf command line rely on at any UAA, tested against the stand-in and a real one."""

import json
import re

import jwt
import pytest
import requests

from clouds.cloudfoundry import tokens
from clouds.cloudfoundry.foundation import Foundation
from clouds.cloudfoundry.tokens import Client
from devfoundation.settings import JWT_BEARER
from portal.idp.cast import PASSWORD
from tests.providers.client import TIMEOUT, Browser
from tests.providers.fixtures import PANEL
from tests.providers.foundation import HINT, LoginServer, fill_in, shown

JSON = {"Accept": "application/json"}
# 10 characters until 2019, 32 today.
CODE = r"[\w-]{10,32}"


class UaaContract:
    """Contract tests; a subclass provides the fixture `uaa`."""

    def test_who_is_logged_in_at_the_provider_sees_the_code_with_no_page_between(self, uaa: LoginServer) -> None:
        """Redirects only: UAA, login, provider, callback, and back to what was requested."""
        page = uaa.passcode(uaa.logged_in("member"))
        assert re.fullmatch(CODE, shown(page))
        assert [answer.status_code for answer in page.history] == [302] * len(page.history)
        assert page.url == f"{uaa.uaa}/passcode{HINT}"
        assert "no-store" in page.headers["Cache-Control"]

    def test_who_is_not_logged_in_there_logs_in_and_sees_the_code(self, uaa: LoginServer) -> None:
        """The one page between is the provider's login."""
        browser = Browser()
        page = uaa.passcode(browser)
        assert page.url.startswith(uaa.provider.issuer)
        assert re.fullmatch(CODE, shown(fill_in(browser, page, "reader", PASSWORD)))

    @pytest.mark.parametrize("hint", ["", "?login_hint=meshdeck", "?login_hint=%7B%22origin%22%3A%22elsewhere%22%7D"])
    def test_without_a_hint_that_names_the_provider_uaa_asks(self, uaa: LoginServer, hint: str) -> None:
        """No code, but the choice of providers."""
        browser = uaa.logged_in("member")
        page = browser.get(f"{uaa.uaa}/passcode{hint}", timeout=TIMEOUT)
        assert page.url == f"{uaa.uaa}/login"
        assert "Log in with meshdeck" in page.text
        assert "Temporary Authentication Code" not in page.text

    def test_a_session_gets_the_code_as_json(self, uaa: LoginServer) -> None:
        """The response is a bare string."""
        browser = uaa.logged_in("member")
        uaa.passcode(browser)
        answer = uaa.passcode(browser, **JSON)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert re.fullmatch(CODE, json.loads(answer.text))

    def test_a_bearer_token_gets_no_passcode(self, uaa: LoginServer) -> None:
        """UAA gives passcodes to browser sessions only."""
        token = uaa.login(uaa.code("member")).json()["access_token"]
        headers = {"Authorization": f"bearer {token}", **JSON}
        answer = requests.get(f"{uaa.uaa}/passcode", headers=headers, allow_redirects=False, timeout=TIMEOUT)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{uaa.uaa}/login")

    def test_cf_logs_in_with_a_passcode(self, uaa: LoginServer) -> None:
        """Password grant, a passcode instead of a password, client cf without a secret."""
        answer = uaa.login(uaa.code("member"))
        said = answer.json()
        assert (answer.status_code, said["token_type"]) == (200, "bearer")
        key = jwt.PyJWK(requests.get(f"{uaa.uaa}/token_keys", headers=JSON, timeout=TIMEOUT).json()["keys"][0])
        claims = jwt.decode(said["access_token"], key.key, algorithms=["RS256"], audience="cloud_controller")
        assert (claims["user_name"], claims["origin"], claims["client_id"]) == ("member", "meshdeck", "cf")
        assert claims["iss"] == f"{uaa.uaa}/oauth/token"

    def test_a_refresh_token_gives_a_new_access_token(self, uaa: LoginServer) -> None:
        """This is how cf stays logged in."""
        said = uaa.login(uaa.code("member")).json()
        fresh = uaa.token(grant_type="refresh_token", refresh_token=said["refresh_token"])
        assert fresh.status_code == 200
        assert fresh.json()["access_token"] != said["access_token"]

    def test_cf_is_told_where_the_code_is(self, uaa: LoginServer) -> None:
        """`cf login --sso` shows this before it asks."""
        prompts = requests.get(f"{uaa.uaa}/login", headers=JSON, timeout=TIMEOUT).json()["prompts"]
        assert prompts["passcode"][0] == "password"
        assert f"{uaa.uaa}/passcode" in prompts["passcode"][1]

    def test_a_code_that_was_used_is_refused(self, uaa: LoginServer) -> None:
        """UAA's own error message."""
        code = uaa.code("member")
        assert uaa.login(code).status_code == 200
        answer = uaa.login(code)
        assert answer.status_code == 401
        assert answer.json() == {"error": "unauthorized", "error_description": "Invalid passcode"}

    def test_a_code_is_refused_once_there_is_a_newer_one(self, uaa: LoginServer) -> None:
        """The newer one works."""
        browser = uaa.logged_in("member")
        old, new = shown(uaa.passcode(browser)), shown(uaa.passcode(browser))
        assert [uaa.login(old).status_code, uaa.login(new).status_code] == [401, 200]

    @pytest.mark.parametrize(
        ("auth", "form", "status", "error"),
        [
            (("cf", "guessed"), {"grant_type": "password", "passcode": "x"}, 401, "unauthorized"),
            (("nobody", ""), {"grant_type": "password", "passcode": "x"}, 401, "unauthorized"),
            (("cf", ""), {"grant_type": "password", "username": "member", "password": "demo"}, 401, "unauthorized"),
            (("cf", ""), {"grant_type": "client_credentials"}, 401, "invalid_client"),
            (("meshdeck", ""), {"grant_type": "password", "passcode": "x"}, 401, "unauthorized"),
            (("meshdeck", ""), {"grant_type": JWT_BEARER}, 401, "unauthorized"),
            (("meshdeck", ""), {"grant_type": JWT_BEARER, "assertion": "x"}, 401, "unauthorized"),
            (("cf", ""), {"grant_type": "refresh_token", "refresh_token": "x"}, 401, "invalid_token"),
            (("cf", ""), {}, 400, "invalid_request"),
        ],
    )
    def test_the_token_endpoint_refuses(
        self, uaa: LoginServer, auth: tuple[str, str], form: dict[str, str], status: int, error: str
    ) -> None:
        """Wrong clients, grants that the client lacks, passwords, garbage."""
        answer = uaa.token(auth, **form)
        assert (answer.status_code, answer.json()["error"]) == (status, error)

    @pytest.mark.parametrize("username", ["member", "reader"])
    def test_the_portal_gets_a_token_of_the_person_for_their_access_token(
        self, uaa: LoginServer, username: str
    ) -> None:
        """Through the clouds' own code: the token is used to ask for a person's spaces."""
        access_token = uaa.provider.tokens(username)["access_token"]
        token = tokens.by_assertion(Foundation(uaa.uaa, uaa.uaa, uaa.uaa), Client("meshdeck"), access_token)
        assert token.user_name == username

    def test_an_id_token_for_the_portal_is_no_assertion(self, uaa: LoginServer) -> None:
        """Its audience is only the portal."""
        token = uaa.provider.tokens("member")["id_token"]
        answer = uaa.token(("meshdeck", ""), grant_type=JWT_BEARER, assertion=token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")

    @pytest.mark.parametrize(
        ("origin", "allowed"), [(PANEL, PANEL), ("http://127.0.0.1:1", None), ("https://elsewhere.example", None)]
    )
    def test_scripts_of_one_site_may_ask_for_a_passcode(
        self, uaa: LoginServer, origin: str, allowed: str | None
    ) -> None:
        """Scripts of other sites get none, whatever session the browser has."""
        browser = uaa.logged_in("member")
        uaa.passcode(browser)
        answer = uaa.passcode(browser, Origin=origin, **JSON, **{"X-Requested-With": "XMLHttpRequest"})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert answer.status_code == (200 if allowed else 403)
