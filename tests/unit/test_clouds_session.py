"""From an access token to a project's connection: few requests, strict answers, no secrets shown."""

import json
from typing import Any

import pytest
import requests
import requests_mock

from clouds import errors
from clouds.openstack import identity, session
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState
from tests.unit.clouds_fake import (
    ACCESS_TOKEN,
    EXPIRES_AT,
    FEDERATION,
    KEYSTONE,
    NOVA,
    PROJECT,
    SCOPED_TOKEN,
    UNSCOPED_TOKEN,
    WAY_IN,
    FakeCloud,
)


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


def test_an_access_token_becomes_an_unscoped_state_by_one_request(cloud: FakeCloud) -> None:
    state = session.unscoped(FEDERATION, ACCESS_TOKEN)
    assert len(cloud.mock.request_history) == 1
    assert (state.token, state.user_id, state.user_name, state.project_id) == (UNSCOPED_TOKEN, "user-1", "member", None)
    assert state.expires_at == EXPIRES_AT
    assert state.catalog == []


def test_an_unscoped_state_becomes_a_projects_by_one_request(cloud: FakeCloud) -> None:
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    state = session.scoped(FEDERATION, unscoped, PROJECT)
    assert len(cloud.mock.request_history) == 2
    assert (state.token, state.project_id, state.project_name) == (SCOPED_TOKEN, PROJECT, "atlas")
    assert state.roles == ("reader", "member")
    assert "compute" in [service.type for service in state.catalog]


def test_a_foreign_access_token_is_unauthorized(cloud: FakeCloud) -> None:
    with pytest.raises(errors.Unauthorized):
        session.unscoped(FEDERATION, "foreign")


def test_a_project_without_a_role_is_unauthorized(cloud: FakeCloud) -> None:
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    with pytest.raises(errors.Unauthorized):
        session.scoped(FEDERATION, unscoped, "someone-elses")


def test_names_of_providers_are_quoted(cloud: FakeCloud) -> None:
    odd = session.Federation(KEYSTONE + "/", identity_provider="a/../b", protocol="p?x")
    cloud.mock.post(requests_mock.ANY, status_code=404)
    with pytest.raises(errors.NotFound):
        session.unscoped(odd, ACCESS_TOKEN)
    asked = cloud.mock.request_history[0].url
    assert asked == f"{KEYSTONE}/OS-FEDERATION/identity_providers/a%2F..%2Fb/protocols/p%3Fx/auth"


TOKEN_HEADER = {"X-Subject-Token": UNSCOPED_TOKEN}
PERSON = {
    "expires_at": f"{EXPIRES_AT:%Y-%m-%dT%H:%M:%S.%fZ}",
    "user": {"id": "user-1", "name": "member", "domain": {"id": "default"}},
}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status_code": 201, "json": {"token": PERSON}}, errors.Garbled),
        ({"status_code": 201, "json": {}, "headers": TOKEN_HEADER}, errors.Garbled),
        ({"status_code": 201, "json": {"token": None}, "headers": TOKEN_HEADER}, errors.Garbled),
        (
            {"status_code": 201, "json": {"token": {**PERSON, "expires_at": "soon"}}, "headers": TOKEN_HEADER},
            errors.Garbled,
        ),
        ({"status_code": 201, "json": {"token": {**PERSON, "user": {}}}, "headers": TOKEN_HEADER}, errors.Garbled),
        ({"status_code": 201, "text": "<html>Log in</html>", "headers": TOKEN_HEADER}, errors.Garbled),
        ({"status_code": 302, "headers": {"Location": "http://provider.test/authorize"}}, errors.Garbled),
        ({"status_code": 300, "json": {"versions": {"values": []}}}, errors.Garbled),
        ({"status_code": 404}, errors.NotFound),
        ({"status_code": 502}, errors.ServerFault),
        ({"exc": requests.exceptions.ConnectTimeout}, errors.TimedOut),
    ],
)
def test_an_odd_answer_lets_nobody_in(cloud: FakeCloud, answer: dict[str, Any], kind: type[errors.CloudError]) -> None:
    cloud.mock.post(WAY_IN, **answer)
    with pytest.raises(errors.CloudError) as caught:
        session.unscoped(FEDERATION, ACCESS_TOKEN)
    assert type(caught.value) is kind
    assert ACCESS_TOKEN not in f"{caught.value!r}{caught.value.__dict__}"
    assert UNSCOPED_TOKEN not in f"{caught.value!r}{caught.value.__dict__}"


def test_a_token_of_another_project_is_refused(cloud: FakeCloud) -> None:
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    other = {"token": {**PERSON, "project": {"id": "other", "name": "other"}}}
    cloud.mock.post(f"{KEYSTONE}/auth/tokens", status_code=201, json=other, headers={"X-Subject-Token": "t"})
    with pytest.raises(errors.Garbled, match="another project"):
        session.scoped(FEDERATION, unscoped, PROJECT)


def test_a_state_survives_being_kept_as_text(cloud: FakeCloud) -> None:
    state = cloud.state()
    again = AuthState.from_json(state.to_json())
    assert again == state
    assert again.token == SCOPED_TOKEN


def test_a_state_does_not_show_its_token(cloud: FakeCloud) -> None:
    assert SCOPED_TOKEN not in repr(cloud.state())


def test_keystoneauth_takes_the_state(cloud: FakeCloud) -> None:
    """So that the SDK can be used with it, for what is not read here."""
    from keystoneauth1.identity.v3 import Token

    plugin = Token(KEYSTONE, token="unused", reauthenticate=False)
    plugin.set_auth_state(cloud.state().data)
    assert plugin.auth_ref is not None
    assert plugin.auth_ref.auth_token == SCOPED_TOKEN
    assert plugin.auth_ref.project_id == PROJECT


def test_connecting_makes_no_request(cloud: FakeCloud) -> None:
    state = cloud.state()
    before = len(cloud.mock.request_history)
    session.connect(FEDERATION, state, cloud.endpoints()).close()
    assert len(cloud.mock.request_history) == before


def test_an_ended_token_is_told_and_not_renewed(cloud: FakeCloud) -> None:
    connection = cloud.connection()
    cloud.break_service(NOVA, status_code=401)
    before = len(cloud.mock.request_history)
    with pytest.raises(errors.Unauthorized):
        connection.get(Service.COMPUTE, "/limits")
    assert len(cloud.mock.request_history) == before + 1


def test_a_service_without_an_endpoint_is_not_found(cloud: FakeCloud) -> None:
    with session.connect(FEDERATION, cloud.state()) as connection, pytest.raises(errors.NotFound, match="Compute"):
        connection.get(Service.COMPUTE, "/limits")


def test_projects_are_the_enabled_ones_by_name(cloud: FakeCloud) -> None:
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    assert [(p.external_id, p.name, p.description) for p in identity.projects(FEDERATION, unscoped)] == [
        (PROJECT, "atlas", "")
    ]
    assert cloud.mock.last_request is not None
    assert cloud.mock.last_request.headers["X-Auth-Token"] == UNSCOPED_TOKEN


def test_projects_are_read_over_all_pages(cloud: FakeCloud) -> None:
    unscoped = session.unscoped(FEDERATION, ACCESS_TOKEN)
    pages = [
        {"projects": [{"id": "2", "name": "b"}], "links": {"next": f"{KEYSTONE}/auth/projects?marker=2"}},
        {"projects": [{"id": "1", "name": "a"}], "links": {"next": None}},
    ]
    cloud.mock.get(f"{KEYSTONE}/auth/projects", [{"json": page} for page in pages])
    assert [project.name for project in identity.projects(FEDERATION, unscoped)] == ["a", "b"]


@pytest.mark.parametrize(
    ("newest", "oldest", "spoken"),
    [("2.96", "2.1", (2, 73)), ("2.42", "2.1", (2, 42)), ("2.100", "2.80", (2, 80)), ("", "", None)],
)
def test_the_smaller_microversion_is_spoken(newest: str, oldest: str, spoken: tuple[int, int] | None) -> None:
    assert Endpoint(Service.COMPUTE, NOVA, "2.1", oldest, newest).microversion == spoken


def test_an_endpoint_is_made_good_for_every_project() -> None:
    endpoint = Endpoint.templated(Service.OBJECT_STORE, f"http://cloud.test/v1/AUTH_{PROJECT}/", PROJECT)
    assert endpoint.url == "http://cloud.test/v1/AUTH_{project_id}"
    assert endpoint.for_project("other") == "http://cloud.test/v1/AUTH_other"
    assert endpoint.root == "http://cloud.test"


def test_the_data_of_a_state_is_json_of_token_and_body(cloud: FakeCloud) -> None:
    kept = json.loads(cloud.state().data)
    assert set(kept) == {"auth_token", "body"}
