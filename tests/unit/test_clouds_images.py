"""One image: looked at, found by its mark, deleted; each by one request."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import images, session
from clouds.openstack.marks import MARK
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import check_call_faults
from tests.unit.clouds_fake import FEDERATION, GLANCE, PROJECT, SCOPED_TOKEN, FakeCloud

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

ALL = f"{GLANCE}/v2/images"
ONE = f"{ALL}/image-1"
MARKED = "f4b7-operation"


def image(number: int, **changes: Any) -> dict[str, Any]:
    """Return an image of the project's, as glance tells it: properties stand beside the rest."""
    return {
        "id": f"image-{number}",
        "name": "backup",
        "status": "active",
        "visibility": "private",
        "owner": PROJECT,
        "size": 4096,
        "min_disk": 20,
        "min_ram": 0,
        "disk_format": "qcow2",
        "protected": False,
        "created_at": "2026-10-13T08:00:00Z",
        **changes,
    }


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


def since_login(cloud: FakeCloud) -> list[Any]:
    """Return the requests that were made after the two that log in."""
    return cloud.mock.request_history[2:]


@pytest.mark.parametrize(("owner", "owned"), [(PROJECT, True), ("operator", False), (None, False)])
def test_an_image_is_read_as_it_is_now(
    cloud: FakeCloud, connection: Connection, owner: str | None, owned: bool
) -> None:
    cloud.mock.get(ONE, json=image(1, owner=owner, status="queued", size=None))
    seen = images.get(connection, "image-1")
    (request,) = since_login(cloud)
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN
    assert (seen.external_id, seen.status, seen.owned, seen.size_bytes) == ("image-1", "queued", owned, None)


def test_marked_images_are_looked_for_among_the_projects_own(cloud: FakeCloud, connection: Connection) -> None:
    # A glance that ignored the filter would answer with all.
    first = {"images": [image(1), image(2, **{MARK: "another"})], "next": "/v2/images?marker=image-2&limit=2"}
    second = {"images": [image(3, **{MARK: MARKED})]}
    cloud.mock.get(ALL, [{"json": first}, {"json": second}])
    (found,) = images.find_marked(connection, MARKED)
    assert (found.external_id, found.owned) == ("image-3", True)
    assert [request.qs for request in since_login(cloud)] == [
        {MARK: [MARKED], "owner": [PROJECT], "limit": ["500"]},
        {"marker": ["image-2"], "limit": ["2"]},
    ]


def test_an_empty_mark_finds_nothing(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.get(ALL, json={"images": [image(1)]})
    assert images.find_marked(connection, "") == []


def test_an_image_is_deleted(cloud: FakeCloud, connection: Connection) -> None:
    cloud.mock.delete(ONE, status_code=204)
    images.delete(connection, "image-1")
    (request,) = since_login(cloud)
    assert request.headers["X-Auth-Token"] == SCOPED_TOKEN


CALLS: dict[str, Callable[[Connection], Any]] = {
    "get": lambda c: images.get(c, "image-1"),
    "find": lambda c: images.find_marked(c, MARKED),
    "delete": lambda c: images.delete(c, "image-1"),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_goes_wrong_is_a_cloud_error_and_nothing_is_tried_twice(cloud: FakeCloud, name: str) -> None:
    check_call_faults(cloud, GLANCE, Service.IMAGE, CALLS[name])


@pytest.mark.parametrize("name", CALLS)
def test_where_images_are_lacking_nothing_is_asked(cloud: FakeCloud, name: str) -> None:
    without = [endpoint for endpoint in cloud.endpoints() if endpoint.service is not Service.IMAGE]
    with session.connect(FEDERATION, cloud.state(), without) as connection, pytest.raises(errors.NotFound):
        CALLS[name](connection)
    assert since_login(cloud) == []
