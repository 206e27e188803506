"""A change through our connection's openstacksdk, on a real cloud."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from clouds import errors
from clouds.openstack import answers, inventory
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.cloud.clouds import ours
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD

pytestmark = CLOUD


@pytest.fixture
def member(devcloud: Devcloud) -> Iterator[Connection]:
    with devcloud.connect("north-atlas-member") as connection, ours(connection) as mine:
        yield mine


@pytest.fixture
def sent(member: Connection) -> list[requests.PreparedRequest]:
    """Record what is sent."""
    seen: list[requests.PreparedRequest] = []

    def note(response: requests.Response, **_: Any) -> None:
        seen.append(response.request)

    member.http.session.session.hooks["response"].append(note)
    return seen


def test_a_security_group_is_made_and_deleted_by_one_request_each(
    member: Connection, sent: list[requests.PreparedRequest]
) -> None:
    group = member.sdk.network.create_security_group(name=f"made-{uuid4()}")
    try:
        assert [request.method for request in sent] == ["POST"]
        seen = inventory.read(member).network
        assert seen is not None
        assert seen.data is not None
        assert group.name in {one.name for one in seen.data.security_groups}
    finally:
        sent.clear()
        member.sdk.network.delete_security_group(group, ignore_missing=False)
    assert [request.method for request in sent] == ["DELETE"]
    with pytest.raises(errors.NotFound), answers.translated(Service.NETWORK):
        member.sdk.network.delete_security_group(group, ignore_missing=False)


def test_a_server_group_is_made_in_the_locations_microversion(
    member: Connection, sent: list[requests.PreparedRequest]
) -> None:
    group = member.sdk.compute.create_server_group(name=f"made-{uuid4()}", policy="soft-anti-affinity")
    try:
        assert group.policy == "soft-anti-affinity"  # a single value since 2.64, a list before
    finally:
        member.sdk.compute.delete_server_group(group, ignore_missing=False)
    assert [request.method for request in sent] == ["POST", "DELETE"]
    assert {request.headers["OpenStack-API-Version"] for request in sent} == {"compute 2.73"}
    assert {request.headers["X-Openstack-Request-Id"] for request in sent} == {member.http.request_id}
