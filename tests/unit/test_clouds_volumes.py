"""What can be done with a volume and with a snapshot: the request that each change makes, and what comes of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock

from clouds import errors
from clouds.openstack import snapshots, volumes
from clouds.openstack.inventory.block_storage import Snapshot, Volume
from clouds.openstack.marks import MARK
from clouds.openstack.session import Connection
from tests.unit.clouds_changes import (
    Change,
    check_faults,
    check_missing_service,
    check_no_answers,
    check_request,
    since_login,
    without,
)
from tests.unit.clouds_fake import CINDER, FakeCloud, volume

# The SDK warns about its own plans whenever it is started.
pytestmark = pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning")

OP = "op-1"
ACT = f"{CINDER}/volumes/volume-1/action"
DONE = {"status_code": 202}


def snapshot(number: int, **changes: Any) -> dict[str, Any]:
    """Return a snapshot as Cinder tells it."""
    return {
        "id": f"snapshot-{number}",
        "name": f"monday-{number}",
        "description": None,
        "status": "available",
        "size": 20,
        "volume_id": "volume-1",
        "created_at": "2026-10-13T09:00:00.000000",
        "metadata": {},
        **changes,
    }


CHANGES = {
    "get": Change(
        lambda c: volumes.get(c, "volume-1"),
        "GET",
        f"{CINDER}/volumes/volume-1",
        None,
        {"json": {"volume": volume(1)}},
        Volume.model_validate(volume(1)),
        no_answers=without("volume"),
    ),
    "create an empty one": Change(
        lambda c: volumes.create(
            c, name="data", description="for us", size_gb=5, volume_type="ssd", zone="zone-a", mark=OP
        ),
        "POST",
        f"{CINDER}/volumes",
        {
            "volume": {
                "name": "data",
                "description": "for us",
                "size": 5,
                "volume_type": "ssd",
                "availability_zone": "zone-a",
                "metadata": {MARK: OP},
            }
        },
        {**DONE, "json": {"volume": volume(9, status="creating")}},
        "volume-9",
        no_answers=without("volume"),
    ),
    "create from an image": Change(
        lambda c: volumes.create(c, name="root", size_gb=5, image_id="image-1", mark=OP),
        "POST",
        f"{CINDER}/volumes",
        {"volume": {"name": "root", "size": 5, "imageRef": "image-1", "metadata": {MARK: OP}}},
        {**DONE, "json": {"volume": volume(9)}},
        "volume-9",
    ),
    "create from a snapshot": Change(
        lambda c: volumes.create(c, name="again", snapshot_id="snapshot-1", mark=OP),
        "POST",
        f"{CINDER}/volumes",
        {"volume": {"name": "again", "snapshot_id": "snapshot-1", "metadata": {MARK: OP}}},
        {**DONE, "json": {"volume": volume(9)}},
        "volume-9",
    ),
    "create from a volume": Change(
        lambda c: volumes.create(c, name="copy", source_volume_id="volume-1", mark=OP),
        "POST",
        f"{CINDER}/volumes",
        {"volume": {"name": "copy", "source_volid": "volume-1", "metadata": {MARK: OP}}},
        {**DONE, "json": {"volume": volume(9)}},
        "volume-9",
    ),
    "update": Change(
        lambda c: volumes.update(c, "volume-1", name="other", description=""),
        "PUT",
        f"{CINDER}/volumes/volume-1",
        {"volume": {"name": "other", "description": ""}},
        {"json": {"volume": volume(1, name="other")}},
        Volume.model_validate(volume(1, name="other")),
        no_answers=without("volume"),
    ),
    "delete": Change(lambda c: volumes.delete(c, "volume-1"), "DELETE", f"{CINDER}/volumes/volume-1", None, DONE, None),
    "extend": Change(
        lambda c: volumes.extend(c, "volume-1", 30), "POST", ACT, {"os-extend": {"new_size": 30}}, DONE, None
    ),
    "unreserve": Change(lambda c: volumes.unreserve(c, "volume-1"), "POST", ACT, {"os-unreserve": None}, DONE, None),
    "roll detaching": Change(
        lambda c: volumes.roll_detaching(c, "volume-1"), "POST", ACT, {"os-roll_detaching": None}, DONE, None
    ),
    "get a snapshot": Change(
        lambda c: snapshots.get(c, "snapshot-1"),
        "GET",
        f"{CINDER}/snapshots/snapshot-1",
        None,
        {"json": {"snapshot": snapshot(1)}},
        Snapshot.model_validate(snapshot(1)),
        no_answers=without("snapshot"),
    ),
    "create a snapshot": Change(
        lambda c: snapshots.create(c, volume_id="volume-1", name="monday", mark=OP),
        "POST",
        f"{CINDER}/snapshots",
        {"snapshot": {"volume_id": "volume-1", "name": "monday", "metadata": {MARK: OP}}},
        {**DONE, "json": {"snapshot": snapshot(9)}},
        "snapshot-9",
        no_answers=without("snapshot"),
    ),
    "create a snapshot of what is in use": Change(
        lambda c: snapshots.create(c, volume_id="volume-1", name="monday", description="ours", force=True, mark=OP),
        "POST",
        f"{CINDER}/snapshots",
        {
            "snapshot": {
                "volume_id": "volume-1",
                "name": "monday",
                "description": "ours",
                "force": True,
                "metadata": {MARK: OP},
            }
        },
        {**DONE, "json": {"snapshot": snapshot(9)}},
        "snapshot-9",
    ),
    "update a snapshot": Change(
        lambda c: snapshots.update(c, "snapshot-1", name="other", description="ours"),
        "PUT",
        f"{CINDER}/snapshots/snapshot-1",
        {"snapshot": {"name": "other", "description": "ours"}},
        {"json": {"snapshot": snapshot(1, name="other")}},
        Snapshot.model_validate(snapshot(1, name="other")),
        no_answers=without("snapshot"),
    ),
    "delete a snapshot": Change(
        lambda c: snapshots.delete(c, "snapshot-1"), "DELETE", f"{CINDER}/snapshots/snapshot-1", None, DONE, None
    ),
}
NEWER = {
    "revert": Change(
        lambda c: volumes.revert_to_snapshot(c, "volume-1", "snapshot-1"),
        "POST",
        ACT,
        {"revert": {"snapshot_id": "snapshot-1"}},
        DONE,
        None,
    ),
}
ALL = CHANGES | NEWER
TELLING = {name: change for name, change in ALL.items() if change.no_answers}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def ocata(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock, ocata=True)


@pytest.fixture
def connection(cloud: FakeCloud) -> Iterator[Connection]:
    with cloud.connection() as connection:
        yield connection


@pytest.mark.parametrize("change", ALL.values(), ids=ALL)
def test_a_change_is_one_request(cloud: FakeCloud, change: Change) -> None:
    check_request(cloud, change)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_the_same_in_ocata(ocata: FakeCloud, change: Change) -> None:
    check_request(ocata, change)


@pytest.mark.parametrize("change", ALL.values(), ids=ALL)
def test_a_fault_is_its_error(cloud: FakeCloud, change: Change) -> None:
    check_faults(cloud, change)


@pytest.mark.parametrize("change", TELLING.values(), ids=TELLING)
def test_what_is_no_answer_is_garbled(cloud: FakeCloud, change: Change) -> None:
    check_no_answers(cloud, change)


@pytest.mark.parametrize("change", ALL.values(), ids=ALL)
def test_a_cloud_without_volumes_is_not_asked(cloud: FakeCloud, change: Change) -> None:
    check_missing_service(cloud, change)


def test_what_ocata_lacks_is_said_without_asking_it(ocata: FakeCloud) -> None:
    with ocata.connection() as connection:
        assert not volumes.can_extend_attached(connection)
        assert not volumes.can_revert(connection)
        with pytest.raises(errors.Invalid) as caught:
            volumes.revert_to_snapshot(connection, "volume-1", "snapshot-1")
    assert caught.value.reason == "Block storage is too old to revert a volume, which needs version 3.40."
    assert since_login(ocata) == []


@pytest.mark.parametrize(
    ("newest", "revert", "extend"),
    [("", False, False), ("3.39", False, False), ("3.40", True, False), ("3.41", True, False), ("3.42", True, True)],
)
def test_what_the_cloud_can_is_told_by_its_version(cloud: FakeCloud, newest: str, revert: bool, extend: bool) -> None:
    cloud.cinder_newest = newest
    with cloud.connection() as connection:
        assert volumes.can_revert(connection) is revert
        assert volumes.can_extend_attached(connection) is extend


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Invalid volume: Volume status must be available, but current status is: in-use.", errors.Conflict),
        ("Invalid input received: New size for extend must be greater than current size.", errors.Invalid),
    ],
)
def test_a_state_that_does_not_allow_it_is_a_conflict(
    cloud: FakeCloud, connection: Connection, message: str, kind: type[errors.CloudError]
) -> None:
    cloud.mock.post(ACT, status_code=400, json={"badRequest": {"code": 400, "message": message}})
    with pytest.raises(errors.CloudError) as caught:
        volumes.extend(connection, "volume-1", 30)
    assert type(caught.value) is kind
    assert caught.value.detail == message


def test_more_than_the_project_may_have_is_its_quota(cloud: FakeCloud, connection: Connection) -> None:
    answer = {"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (20)"}}
    headers = {"Retry-After": "0", "x-openstack-request-id": "req-cloud"}
    cloud.mock.post(f"{CINDER}/volumes", status_code=413, json=answer, headers=headers)
    with pytest.raises(errors.QuotaExceeded) as caught:
        volumes.create(connection, name="data", size_gb=1, mark=OP)
    assert caught.value.request_id == "req-cloud"


def test_an_id_is_never_another_address(cloud: FakeCloud, connection: Connection) -> None:
    cloud.break_service(CINDER, status_code=404)
    for change in (
        lambda: volumes.get(connection, "../limits"),
        lambda: volumes.delete(connection, "../snapshots/snapshot-1"),
        lambda: snapshots.delete(connection, "one?cascade=true"),
    ):
        with pytest.raises(errors.NotFound):
            change()
    assert [request.url for request in since_login(cloud)] == [
        f"{CINDER}/volumes/..%2Flimits",
        f"{CINDER}/volumes/..%2Fsnapshots%2Fsnapshot-1",
        f"{CINDER}/snapshots/one%3Fcascade%3Dtrue",
    ]


def test_marked_volumes_are_found_on_every_page_and_no_others(cloud: FakeCloud, connection: Connection) -> None:
    # This cloud ignores the filter, as one does whose operator has closed it.
    cloud.volumes = [
        volume(number, metadata={MARK: OP} if number in (2, 1000) else {MARK: "op-2"} if number == 3 else {})
        for number in range(1, 1001)
    ]
    found = volumes.find_marked(connection, OP)
    assert [one.external_id for one in found] == ["volume-2", "volume-1000"]
    first, *others = since_login(cloud)
    assert json.loads(first.qs["metadata"][0]) == {MARK: OP}
    assert len(others) == 2


def test_marked_snapshots_are_found_and_no_others(cloud: FakeCloud, connection: Connection) -> None:
    cloud.snapshots = [snapshot(1), snapshot(2, metadata={MARK: OP}), snapshot(3, metadata={MARK: "op-2"})]
    assert [one.external_id for one in snapshots.find_marked(connection, OP)] == ["snapshot-2"]
    (request,) = since_login(cloud)
    assert json.loads(request.qs["metadata"][0]) == {MARK: OP}
    assert snapshots.find_marked(connection, "op-3") == []
