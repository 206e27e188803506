"""What every change to a cloud has to be: one request, and a CloudError of whatever else comes back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from clouds import errors
from clouds.openstack import session
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.unit.clouds_fake import CINDER, FEDERATION, NEUTRON, PROJECT, SCOPED_TOKEN, FakeCloud

V2 = f"{NEUTRON}/v2.0"
OP = "op-1"


@dataclass(frozen=True)
class Change:
    """A call, the request that it makes, the cloud's answer (keywords of requests_mock), and what comes of it.

    `no_answers` are answers of the right status that are none.
    """

    call: Callable[[Connection], Any]
    method: str
    url: str
    body: Any
    answer: dict[str, Any]
    result: Any
    headers: dict[str, str] = field(default_factory=dict)
    no_answers: tuple[str, ...] = ()


LOGIN_PAGE = "<html>Log in</html>"


def without(key: str) -> tuple[str, ...]:
    """Return what can be wrong with an answer that has a resource below `key`."""
    resources = ("null", "[]", "{}", '{"id": null}', '{"id": ""}', '{"id": 7}')
    cut_short = f'{{"{key}": {{"id": "one"'
    return (LOGIN_PAGE, "", "[]", '"text"', "{}", cut_short, *(f'{{"{key}": {one}}}' for one in resources))


FAULTS: list[tuple[dict[str, Any], type[errors.CloudError]]] = [
    ({"status_code": 401}, errors.Unauthorized),
    ({"status_code": 403}, errors.Forbidden),
    ({"status_code": 404}, errors.NotFound),
    ({"status_code": 409}, errors.Conflict),
    ({"status_code": 400}, errors.Invalid),
    ({"status_code": 429, "headers": {"Retry-After": "3"}}, errors.RateLimited),
    ({"status_code": 500}, errors.ServerFault),
    ({"status_code": 503, "text": LOGIN_PAGE}, errors.ServerFault),
    ({"status_code": 302, "headers": {"Location": "http://thief.test/"}}, errors.Garbled),
    ({"status_code": 200, "text": LOGIN_PAGE}, errors.Garbled),
    ({"exc": requests.exceptions.ReadTimeout}, errors.TimedOut),
    ({"exc": requests.exceptions.ConnectionError}, errors.Unreachable),
]

# What is tried with each call: a page that is no answer, what it may think to know better, and an outage. All faults
# are tried where all calls go through (test_clouds_senders.py).
CALLS_FAULTS: list[tuple[dict[str, Any], type[errors.CloudError]]] = [
    ({"status_code": 200, "text": LOGIN_PAGE}, errors.Garbled),
    ({"status_code": 404}, errors.NotFound),
    ({"status_code": 503}, errors.ServerFault),
]


def since_login(cloud: FakeCloud) -> list[Any]:
    """Return the requests that were made after the two that log in."""
    return cloud.mock.request_history[2:]


def check_request(cloud: FakeCloud, change: Change) -> None:
    """Return the change is the one request that it should be, and gives what it should."""
    cloud.mock.register_uri(change.method, change.url, **change.answer)
    with cloud.connection() as connection:
        assert change.call(connection) == change.result
    (request,) = since_login(cloud)
    assert (request.method, request.url) == (change.method, change.url)
    assert (request.json() if request.body else None) == change.body
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN
    assert request.headers["X-Openstack-Request-Id"] == connection.http.request_id
    assert change.headers.items() <= request.headers.items()
    if change.url.startswith(CINDER):
        spoken = "volume 3.27" if cloud.ocata else "volume 3.60"
        assert request.headers["OpenStack-API-Version"] == spoken


def check_faults(cloud: FakeCloud, change: Change) -> None:
    """Whatever goes wrong is the error that it stands for, after one request."""
    with cloud.connection() as connection:
        for answer, kind in CALLS_FAULTS:
            cloud.mock.register_uri(change.method, change.url, **answer)
            before = len(cloud.mock.request_history)
            with pytest.raises(errors.CloudError) as caught:
                change.call(connection)
            assert type(caught.value) is kind
            assert caught.value.service is not None
            assert caught.value.url == change.url
            assert len(cloud.mock.request_history) == before + 1


def check_call_faults(cloud: FakeCloud, base: str, service: Service, call: Callable[[Connection], object]) -> None:
    """Do the same of a call whose request has a test of its own."""
    with cloud.connection() as connection:
        for answer, kind in CALLS_FAULTS:
            cloud.break_service(base, **answer)
            before = len(cloud.mock.request_history)
            with pytest.raises(errors.CloudError) as caught:
                call(connection)
            assert type(caught.value) is kind
            assert caught.value.service is service
            assert len(cloud.mock.request_history) == before + 1


def check_no_answers(cloud: FakeCloud, change: Change) -> None:
    """Return an answer of the right status that is none is Garbled."""
    right = {key: value for key, value in change.answer.items() if key != "json"}
    with cloud.connection() as connection:
        for text in change.no_answers:
            cloud.mock.register_uri(change.method, change.url, **right, text=text)
            with pytest.raises(errors.Garbled):
                change.call(connection)


def check_missing_service(cloud: FakeCloud, change: Change) -> None:
    """Return a cloud without the service is not asked."""
    with (
        session.connect(FEDERATION, cloud.state(), cloud.endpoints()[:2]) as connection,
        pytest.raises(errors.NotFound),
    ):
        change.call(connection)
    assert since_login(cloud) == []


def check_marked(
    cloud: FakeCloud,
    collection: str,
    row: Callable[..., dict[str, Any]],
    find: Callable[[Connection, str], list[Any]],
) -> None:
    """Neutron's rows with the mark are found on every page, by a cloud that ignores the filter, and no others."""
    rows = [row(number, description=OP if number in (2, 501) else "op-2") for number in range(1, 502)]
    cloud.mock.get(f"{V2}/{collection}", json=cloud._list(collection, lambda: rows))
    with cloud.connection() as connection:
        assert [one.external_id for one in find(connection, OP)] == [rows[1]["id"], rows[500]["id"]]
        first, _ = since_login(cloud)
        assert (first.qs["description"], first.qs["tenant_id"]) == ([OP], [PROJECT])
        with pytest.raises(ValueError, match="empty mark"):
            find(connection, "")
