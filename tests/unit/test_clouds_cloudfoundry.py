"""What the clouds' code makes of a foundation: the stand-in's answers, and those that no foundation should give."""

from typing import Any

import pytest
import requests
import requests_mock

from clouds import errors
from clouds.cloudfoundry import foundation as api
from clouds.cloudfoundry import spaces, tokens
from clouds.cloudfoundry.foundation import Foundation
from clouds.cloudfoundry.health import ping
from clouds.cloudfoundry.http import Part
from clouds.cloudfoundry.tokens import Client, Token
from devfoundation.settings import SPACES
from tests.providers.foundation import RunningFoundation

API, UAA = "https://api.cf.test", "https://uaa.cf.test"
CLIENT = Client("meshdeck")
KNOWN = Foundation(API, UAA, UAA)
TOKEN = Token("t", "user-1", "member")


def root(**changes: Any) -> dict[str, Any]:
    links: dict[str, Any] = {
        "cloud_controller_v3": {"href": f"{API}/v3", "meta": {"version": "3.180.0"}},
        "login": {"href": UAA},
        "uaa": {"href": UAA},
        "app_ssh": None,
    }
    return {"links": links | changes}


def page(rows: list[dict[str, Any]], following: str | None = None, **more: Any) -> dict[str, Any]:
    return {"pagination": {"next": {"href": following} if following else None}, "resources": rows, **more}


def space(guid: str, name: str) -> dict[str, Any]:
    return {"guid": guid, "name": name, "relationships": {"organization": {"data": {"guid": "org-1"}}}}


# Against the stand-in -------------------------------------------------------------------------------------------


def test_the_api_root_names_everything_else(foundation: RunningFoundation) -> None:
    found = api.describe(f"{foundation.api}/")
    assert (found.api_url, found.login_url, found.uaa_url) == (foundation.api, foundation.uaa, foundation.uaa)
    assert found.version == "3.180.0"


@pytest.mark.parametrize(
    ("username", "roles"),
    [("admin", ("space_developer", "space_manager")), ("member", ("space_developer",)), ("reader", ("space_auditor",))],
)
def test_a_person_finds_their_spaces_with_the_token_of_their_login(
    foundation: RunningFoundation, username: str, roles: tuple[str, ...]
) -> None:
    known = api.describe(foundation.api)
    token = tokens.by_assertion(known, CLIENT, foundation.provider.tokens(username)["access_token"])
    assert token.user_name == username
    assert token.value not in repr(token)
    found = spaces.mine(known, token)
    assert [(one.guid, one.organization, one.name, one.roles) for one in found] == [
        (SPACES[0].guid, "atlas", "production", roles)
    ]


def test_a_stranger_finds_none(foundation: RunningFoundation) -> None:
    known = api.describe(foundation.api)
    token = tokens.by_assertion(known, CLIENT, foundation.provider.tokens("stranger")["access_token"])
    assert spaces.mine(known, token) == []


@pytest.mark.parametrize("client", [Client("nobody"), Client("meshdeck", "wrong"), Client("cf")])
def test_a_client_that_uaa_does_not_take_is_unauthorized(foundation: RunningFoundation, client: Client) -> None:
    access_token = foundation.provider.tokens("member")["access_token"]
    with pytest.raises(errors.Unauthorized) as refused:
        tokens.by_assertion(api.describe(foundation.api), client, access_token)
    assert refused.value.reason.startswith("UAA does not accept")


def test_an_assertion_that_is_none_is_unauthorized(foundation: RunningFoundation) -> None:
    with pytest.raises(errors.Unauthorized):
        tokens.by_assertion(api.describe(foundation.api), CLIENT, "made-up")


def test_each_part_says_by_itself_whether_it_answers(foundation: RunningFoundation) -> None:
    pings = ping({Part.CLOUD_CONTROLLER: foundation.api, Part.UAA: "http://127.0.0.1:1", Part.LOGIN: foundation.uaa})
    assert {one.part: one.error is None for one in pings} == {
        Part.CLOUD_CONTROLLER: True,
        Part.UAA: False,
        Part.LOGIN: True,
    }
    assert str(pings[1].error) == "UAA can't be reached: the connection was refused."


def test_a_part_whose_address_is_gone_does_not_answer() -> None:
    with requests_mock.Mocker() as mock:
        mock.get(f"{UAA}/info", status_code=404)
        (uaa,) = ping({Part.UAA: UAA})
    assert isinstance(uaa.error, errors.ServerFault)


def test_a_part_that_is_away_behind_its_router_takes_nobodys_spaces() -> None:
    with requests_mock.Mocker() as mock:
        mock.post(f"{UAA}/oauth/token", status_code=404, headers={"X-Cf-RouterError": "unknown_route"})
        with pytest.raises(errors.ServerFault, match="not running behind its router"):
            tokens.by_assertion(KNOWN, CLIENT, "my-access-token")


# Answers that no foundation gives ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (
            {"exc": requests.exceptions.ConnectTimeout},
            errors.TimedOut,
            "Cloud Controller did not accept a connection in time.",
        ),
        ({"status_code": 502, "text": "<html>"}, errors.ServerFault, "Cloud Controller returned an error (502)."),
        ({"text": "<html>Welcome</html>"}, errors.Garbled, "Cloud Controller's response is not JSON."),
        ({"json": []}, errors.Garbled, "Cloud Controller's response is JSON, but not an object."),
        ({"json": {"links": {}}}, errors.Garbled, "unexpected value at links.cloud_controller_v3"),
        ({"json": root(login={"href": "javascript:alert(1)"})}, errors.Garbled, "address for the Login server"),
        ({"json": root(uaa={"href": "http://uaa.cf.test"})}, errors.Garbled, "address for the UAA"),
        ({"json": root(uaa={"href": "https://x; script-src-elem *"})}, errors.Garbled, "address for the UAA"),
        ({"json": root(login={"href": "https://[::1"})}, errors.Garbled, "address for the Login server"),
        (
            {"status_code": 302, "headers": {"Location": "https://elsewhere.test"}},
            errors.Garbled,
            "redirected the request",
        ),
        ({"status_code": 429, "headers": {"Retry-After": "7"}}, errors.RateLimited, "too many requests"),
    ],
)
def test_an_api_root_that_is_none_is_told_by_its_fault(
    answer: dict[str, Any], kind: type[errors.CloudError], reason: str
) -> None:
    with requests_mock.Mocker() as mock:
        mock.get(f"{API}/", **answer)
        with pytest.raises(kind) as fault:
            api.describe(API)
    assert reason in fault.value.reason


def test_the_request_id_of_a_fault_is_kept_and_nothing_secret(caplog: pytest.LogCaptureFixture) -> None:
    with requests_mock.Mocker() as mock:
        mock.post(f"{UAA}/oauth/token", status_code=401, json={"error": "x"}, headers={"X-Vcap-Request-Id": "r-1"})
        with pytest.raises(errors.Unauthorized) as fault:
            tokens.by_assertion(KNOWN, CLIENT, "my-access-token")
    assert (fault.value.request_id, fault.value.url) == ("r-1", f"{UAA}/oauth/token")
    assert "my-access-token" not in caplog.text + repr(fault.value.__dict__)


def test_a_token_that_does_not_tell_whose_it_is_can_not_be_used() -> None:
    with requests_mock.Mocker() as mock:
        mock.post(f"{UAA}/oauth/token", json={"access_token": "opaque"})
        with pytest.raises(errors.Garbled, match="must not issue opaque tokens"):
            tokens.by_assertion(KNOWN, CLIENT, "t")


def test_lists_are_read_to_the_end() -> None:
    included = {"organizations": [{"guid": "org-1", "name": "atlas"}]}
    with requests_mock.Mocker() as mock:
        mock.get(f"{API}/v3/spaces", json=page([space("s-2", "two")], f"{API}/v3/spaces?page=2", included=included))
        mock.get(f"{API}/v3/spaces?page=2", json=page([space("s-1", "one")], included=included))
        mock.get(f"{API}/v3/roles", json=page([]))
        found = spaces.mine(KNOWN, TOKEN)
    assert [one.name for one in found] == ["one", "two"]


def test_a_role_in_the_organization_counts_in_its_spaces() -> None:
    manager = {"type": "organization_manager", "relationships": {"organization": {"data": {"guid": "org-1"}}}}
    included = {"organizations": [{"guid": "org-1", "name": "atlas"}]}
    with requests_mock.Mocker() as mock:
        mock.get(f"{API}/v3/spaces", json=page([space("s-1", "one")], included=included))
        asked = mock.get(f"{API}/v3/roles", json=page([manager]))
        assert spaces.mine(KNOWN, TOKEN)[0].roles == ("organization_manager",)
    assert asked.last_request.qs["user_guids"] == ["user-1"]


@pytest.mark.parametrize(
    ("following", "reason"), [("https://elsewhere.test/", "continues on another host"), (f"{API}/v3/spaces", "no end")]
)
def test_a_list_that_leads_away_or_round_in_circles_is_refused(following: str, reason: str) -> None:
    included = {"organizations": [{"guid": "org-1", "name": "atlas"}]}
    with requests_mock.Mocker() as mock:
        mock.get(f"{API}/v3/spaces", json=page([space("s-1", "one")], following, included=included))
        with pytest.raises(errors.Garbled, match=reason):
            spaces.mine(KNOWN, TOKEN)
