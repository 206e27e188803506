"""The stand-in for a foundation is as strict as UAA and the Cloud Controller."""

import time

import pytest
import requests

from devfoundation.passcodes import LENGTH, LIFETIME, Passcodes
from devfoundation.settings import JWT_BEARER, SPACES
from tests.providers.builtin import IdentityProvider
from tests.providers.client import TIMEOUT
from tests.providers.foundation import HINT, LoginServer, RunningFoundation, shown
from tests.support.uaa_contract import UaaContract


class TestUaa(UaaContract):
    """The contract that is also tested against a real UAA (make test-uaa)."""

    @pytest.fixture
    def uaa(self, foundation: RunningFoundation) -> LoginServer:
        return foundation


# Passcodes ------------------------------------------------------------------------------------------------------


def test_a_passcode_is_32_letters_and_digits() -> None:
    """UAA makes them like this."""
    code = Passcodes(time.time).issue("max")
    assert len(code) == LENGTH == 32
    assert code.isalnum()


def test_a_passcode_works_once() -> None:
    """The second time it is invalid."""
    codes = Passcodes(time.time)
    code = codes.issue("max")
    assert [codes.redeem(code), codes.redeem(code)] == ["max", None]


def test_a_new_passcode_ends_the_old_one_of_the_same_person() -> None:
    """Other people's codes stay valid."""
    codes = Passcodes(time.time)
    old, others = codes.issue("max"), codes.issue("ada")
    new = codes.issue("max")
    assert [codes.redeem(code) for code in (old, new, others)] == [None, "max", "ada"]


@pytest.mark.parametrize(("seconds", "whose"), [(LIFETIME - 1, "max"), (LIFETIME, None), (LIFETIME + 1, None)])
def test_a_passcode_lives_for_five_minutes(seconds: int, whose: str | None) -> None:
    """By UAA's clock."""
    at = [1000.0]
    codes = Passcodes(lambda: at[0])
    code = codes.issue("max")
    at[0] += seconds
    assert codes.redeem(code) == whose


# Login and passcode page ----------------------------------------------------------------------------------------


def test_a_login_that_another_browser_began_is_refused(foundation: RunningFoundation) -> None:
    """State belongs to the session."""
    browser = foundation.logged_in("member")
    answer = browser.get(f"{foundation.uaa}/passcode{HINT}", allow_redirects=False, timeout=TIMEOUT)
    while not answer.headers.get("Location", "").startswith(f"{foundation.uaa}/login/callback/"):
        answer = browser.get(answer.headers["Location"], allow_redirects=False, timeout=TIMEOUT)
    other = requests.Session()
    for path in (f"passcode{HINT}", "login"):
        other.get(f"{foundation.uaa}/{path}", allow_redirects=False, timeout=TIMEOUT)
    stolen = other.get(answer.headers["Location"], timeout=TIMEOUT)
    assert stolen.status_code == 401
    assert "not started in this browser" in stolen.text


def test_the_session_is_another_one_after_the_login(foundation: RunningFoundation) -> None:
    """A cookie from before the login is worthless after it."""
    browser = foundation.logged_in("member")
    browser.get(f"{foundation.uaa}/passcode{HINT}", allow_redirects=False, timeout=TIMEOUT)
    before = browser.cookies["JSESSIONID"]
    foundation.passcode(browser)
    assert browser.cookies["JSESSIONID"] != before
    answer = requests.get(
        f"{foundation.uaa}/passcode", cookies={"JSESSIONID": before}, allow_redirects=False, timeout=TIMEOUT
    )
    assert answer.status_code == 302


# The token endpoint ---------------------------------------------------------------------------------------------


def test_a_code_is_refused_after_five_minutes(foundation: RunningFoundation) -> None:
    """The clock is the foundation's."""
    code = foundation.code("member")
    foundation.clock.ahead = LIFETIME
    assert foundation.login(code).status_code == 401


def test_a_refresh_token_gives_a_new_access_token(foundation: RunningFoundation) -> None:
    """Only for the client that it was issued to; access tokens expire after ten minutes."""
    said = foundation.login(foundation.code("member")).json()
    foundation.clock.ahead = 601
    assert foundation.get("/v3/spaces", said["access_token"]).status_code == 401
    fresh = foundation.token(grant_type="refresh_token", refresh_token=said["refresh_token"]).json()
    assert foundation.get("/v3/spaces", fresh["access_token"]).status_code == 200


def test_an_assertion_of_the_provider_gives_a_token_of_its_person(foundation: RunningFoundation) -> None:
    """The access token is issued for UAA's own client; no refresh token comes with it."""
    assertion = foundation.provider.tokens("reader")["access_token"]
    said = foundation.token(("meshdeck", ""), grant_type=JWT_BEARER, assertion=assertion).json()
    assert "refresh_token" not in said
    assert foundation.get("/v3/spaces", said["access_token"]).json()["pagination"]["total_results"] == 1


# The API --------------------------------------------------------------------------------------------------------


def test_the_api_root_tells_a_stranger_where_everything_is(foundation: RunningFoundation) -> None:
    """Missing services are null."""
    links = foundation.get("/").json()["links"]
    assert links["cloud_controller_v3"]["href"] == f"{foundation.api}/v3"
    assert links["login"]["href"] == links["uaa"]["href"] == foundation.uaa
    assert links["logging"] is None


@pytest.mark.parametrize(
    ("username", "roles"),
    [
        ("admin", ["space_developer", "space_manager"]),
        ("member", ["space_developer"]),
        ("reader", ["space_auditor"]),
        ("stranger", []),
    ],
)
def test_people_see_what_they_have_a_role_in(foundation: RunningFoundation, username: str, roles: list[str]) -> None:
    """By their groups; a stranger sees an empty list."""
    token, space = foundation.bearer(username), SPACES[0]
    page = foundation.get("/v3/spaces?include=organization", token).json()
    assert [one["name"] for one in page["resources"]] == ["production"] * bool(roles)
    assert [one["name"] for one in page["included"]["organizations"]] == ["atlas"] * bool(roles)
    told = foundation.get(f"/v3/roles?space_guids={space.guid}", token).json()["resources"]
    assert [one["type"] for one in told] == roles
    one = foundation.get(f"/v3/organizations/{space.organization_guid}", token)
    assert one.status_code == (200 if roles else 404)


@pytest.mark.parametrize(
    ("path", "token", "status", "title"),
    [
        ("/v3/spaces", "", 401, "CF-NotAuthenticated"),
        ("/v3/spaces", "rubbish", 401, "CF-InvalidAuthToken"),
        ("/v3/organizations/1", "", 401, "CF-NotAuthenticated"),
        ("/v3/apps", "", 404, "CF-NotFound"),
    ],
)
def test_the_api_refuses(foundation: RunningFoundation, path: str, token: str, status: int, title: str) -> None:
    """In the Cloud Controller's format."""
    answer = foundation.get(path, token)
    assert (answer.status_code, answer.json()["errors"][0]["title"]) == (status, title)


def test_a_query_that_is_not_known_is_refused(foundation: RunningFoundation) -> None:
    """Ignoring it would list too much."""
    answer = foundation.get("/v3/spaces?organisation_guids=1", foundation.bearer("member"))
    assert (answer.status_code, answer.json()["errors"][0]["title"]) == (400, "CF-BadQueryParameter")


# Other sites ----------------------------------------------------------------------------------------------------


# The log --------------------------------------------------------------------------------------------------------


def test_the_log_holds_no_secret(foundation: RunningFoundation, capfd: pytest.CaptureFixture[str]) -> None:
    """Only paths: no codes, tokens, cookies or queries."""
    browser = foundation.logged_in("member")
    code = shown(foundation.passcode(browser))
    token = foundation.login(code).json()["access_token"]
    foundation.get("/v3/spaces", token)
    said = capfd.readouterr().err
    assert "GET /login/callback/meshdeck 302" in said
    assert "POST /oauth/token 200" in said
    for secret in (code, token, browser.cookies["JSESSIONID"], "state=", "code="):
        assert secret not in said


def test_the_provider_names_uaa_in_tokens_only_where_it_knows_one(
    foundation: RunningFoundation, identity_provider: IdentityProvider
) -> None:
    """Without UAA's client nothing is issued for it."""
    for provider, audience in (
        (foundation.provider, ["cloudfoundry", "openstack"]),
        (identity_provider, ["openstack"]),
    ):
        token = provider.tokens("member")["access_token"]
        assert provider.client().claims(token, audience="openstack")["aud"] == audience
