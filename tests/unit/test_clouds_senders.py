"""What sends requests to a cloud, and that nothing else does: what can go wrong with one is proven here for all calls.

Each call's own tests (test_clouds_servers.py and the others) then show its one request, what it makes of the answer,
and by three faults that nothing in it stands between them and who asked (clouds_changes.CALLS_FAULTS).
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock

import clouds
from clouds import errors
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import FAULTS, since_login
from tests.unit.clouds_fake import NOVA, FakeCloud

URL = f"{NOVA}/things"
SENT: dict[str, Callable[[Connection], object]] = {
    "a look": lambda c: c.get(Service.COMPUTE, "/things").json(),
    **{
        method: lambda c, method=method: c.send(  # type: ignore[misc]
            Service.COMPUTE, method, "/things", {"a": 1}, expect=(202, 204)
        )
        for method in ("POST", "PUT", "DELETE")
    },
    "anything else": lambda c: c.http.request(Service.COMPUTE, "PUT", URL, expect=(202,), authenticated=True),
}
MORE: list[tuple[dict[str, Any], type[errors.CloudError]]] = [
    ({"status_code": 403, "json": {"forbidden": {"message": "Quota exceeded for cores"}}}, errors.QuotaExceeded),
    ({"status_code": 501}, errors.Invalid),
    ({"exc": requests.exceptions.ChunkedEncodingError}, errors.Garbled),
]


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.mark.parametrize("sent", SENT)
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud, sent: str) -> None:
    for answer, kind in FAULTS + MORE:
        if sent == "a look" and kind is errors.Garbled and answer.get("status_code") == 200:
            continue  # who looks reads the answer: the tests of each call, and of errors
        cloud.break_service(NOVA, **answer)
        cloud.mock.reset_mock()
        with cloud.connection() as connection, pytest.raises(errors.CloudError) as caught:
            SENT[sent](connection)
        assert type(caught.value) is kind
        assert (caught.value.service, caught.value.url) == (Service.COMPUTE, URL)
        assert len(since_login(cloud)) == 1


ROOT = Path(clouds.__file__).parent
SENDERS = {"openstack/http.py", "openstack/session.py", "cloudfoundry/http.py"}
# What can open a connection. Of requests and the SDK others may name the types of answers and errors.
WIRES = {"socket", "ssl", "http", "urllib3", "httpx", "aiohttp", "subprocess", "requests", "keystoneauth1", "openstack"}
HARMLESS = {
    "requests.Response",
    "requests.exceptions",
    "keystoneauth1.exceptions",
    "keystoneauth1.discover",
    "openstack.exceptions",
}
# A session, and the SDK on it: `Connection` and `Http` have them for themselves.
INSIDE = {"session", "sdk"}


def wires(source: str) -> Iterator[str]:
    """Return what in a module could send something past the senders."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (
                    name.name
                    for name in names
                    if name.name.split(".")[0] in WIRES - {"requests"} or name.name == "urllib.request"
                )
            case ast.ImportFrom(module=str(module), names=names):
                for name in names:
                    full = f"{module}.{name.name}"
                    harmless = any(full == one or full.startswith(f"{one}.") for one in HARMLESS)
                    if (module.split(".")[0] in WIRES or full.startswith("urllib.request")) and not harmless:
                        yield full
            case ast.Attribute(value=ast.Name(id="requests"), attr=attr) if f"requests.{attr}" not in HARMLESS:
                yield f"requests.{attr}"
            case ast.Attribute(value=value, attr=attr) if attr in INSIDE and not isinstance(value, ast.Name):
                yield f"….{attr}"
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in INSIDE:
                yield f"{name}.{attr}"
            case _:
                pass


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import urllib.request",
        "import http.client",
        "from urllib.request import urlopen",
        "from requests import post",
        "from openstack.connection import Connection",
        "requests.post(url)",
        "requests.Session()",
        "connection.sdk.compute.servers()",
        "connection.http.session.get(url)",
        "self.session.request(url)",
    ],
)
def test_a_line_that_sends_is_seen(line: str) -> None:
    assert list(wires(line))


def test_nothing_else_sends_requests() -> None:
    paths = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
    assert paths.keys() >= SENDERS
    found = {name: list(wires(path.read_text())) for name, path in paths.items() if name not in SENDERS}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert all(list(wires(paths[name].read_text())) for name in SENDERS)
