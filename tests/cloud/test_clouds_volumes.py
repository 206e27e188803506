"""The lifecycle of volumes and snapshots on a real cloud."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from openstack.connection import Connection as SdkConnection

from clouds import errors
from clouds.openstack import snapshots, volumes
from clouds.openstack.inventory import block_storage
from clouds.openstack.inventory.block_storage import Snapshot, Volume
from clouds.openstack.session import Connection
from tests.cloud.clouds import ours
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.projects import own_project, with_block_storage

pytestmark = CLOUD


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[SdkConnection]:
    with own_project(devcloud) as connection:
        yield connection


@pytest.fixture(scope="module")
def member(project: SdkConnection) -> Iterator[Connection]:
    with ours(project) as mine:
        yield mine


@pytest.fixture
def mark(member: Connection) -> Iterator[str]:
    """Return a mark; delete what carries it at the end."""
    name = f"op-{uuid4()}"
    yield name
    for snapshot in snapshots.find_marked(member, name):
        snapshots.delete(member, snapshot.external_id)
        gone(snapshots.get, member, snapshot.external_id)
    for volume in volumes.find_marked(member, name):
        volumes.delete(member, volume.external_id)
        gone(volumes.get, member, volume.external_id)


def settled(look: Callable[[], Any], status: str = "available") -> Any:
    """Wait until the volume or snapshot is in the status; return it."""
    deadline = time.monotonic() + 20
    while (seen := look()).status != status:
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen


def gone(get: Callable[[Connection, str], Any], member: Connection, external_id: str) -> None:
    """Wait until the cloud no longer knows it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            seen = get(member, external_id)
        except errors.NotFound:
            return
        time.sleep(0.05)
    pytest.fail(f"still there: {seen}")


def volume_of(member: Connection, volume_id: str, status: str = "available") -> Volume:
    found: Volume = settled(lambda: volumes.get(member, volume_id), status)
    return found


def snapshot_of(member: Connection, snapshot_id: str) -> Snapshot:
    found: Snapshot = settled(lambda: snapshots.get(member, snapshot_id))
    return found


def test_a_volume_lives(member: Connection, mark: str) -> None:
    volume_id = volumes.create(
        member, name="data", description="for us", size_gb=1, volume_type="hdd", zone="nova", mark=mark
    )
    seen = volume_of(member, volume_id)
    assert (seen.name, seen.description, seen.size_gb, seen.volume_type, seen.zone) == (
        "data",
        "for us",
        1,
        "hdd",
        "nova",
    )
    assert volumes.find_marked(member, mark) == [seen]
    assert seen in block_storage.list_volumes(member)

    renamed = volumes.update(member, volume_id, name="other", description="")
    assert (renamed.name, renamed.description) == ("other", "")
    assert volumes.find_marked(member, mark) == [volumes.get(member, volume_id)]

    volumes.extend(member, volume_id, 3)
    assert volume_of(member, volume_id).size_gb == 3
    with pytest.raises(errors.Invalid):
        volumes.extend(member, volume_id, 3)

    volumes.delete(member, volume_id)
    gone(volumes.get, member, volume_id)
    with pytest.raises(errors.NotFound):
        volumes.delete(member, volume_id)
    assert volumes.find_marked(member, mark) == []


def test_a_volume_is_made_from_an_image_a_snapshot_and_a_volume(
    project: SdkConnection, member: Connection, mark: str
) -> None:
    image = project.image.find_image("debian-13")
    with pytest.raises(errors.Invalid):
        volumes.create(member, name="too small", size_gb=image.min_disk - 1, image_id=image.id, mark=mark)
    root_id = volumes.create(member, name="root", size_gb=image.min_disk, image_id=image.id, mark=mark)
    root = volume_of(member, root_id)
    assert (root.bootable, root.image_id, root.image_name) == (True, image.id, "debian-13")

    snapshot_id = snapshots.create(member, volume_id=root_id, name="fresh", mark=mark)
    snapshot_of(member, snapshot_id)
    restored = volume_of(member, volumes.create(member, name="restored", snapshot_id=snapshot_id, mark=mark))
    assert (restored.snapshot_id, restored.size_gb) == (snapshot_id, root.size_gb)
    copied = volume_of(
        member,
        volumes.create(member, name="copied", source_volume_id=root_id, size_gb=root.size_gb + 1, mark=mark),
    )
    assert (copied.source_volume_id, copied.size_gb) == (root_id, root.size_gb + 1)
    assert len(volumes.find_marked(member, mark)) == 3


def test_a_snapshot_lives_and_a_volume_goes_back_to_it(member: Connection, mark: str) -> None:
    volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
    volume_of(member, volume_id)
    snapshot_id = snapshots.create(member, volume_id=volume_id, name="before", description="the upgrade", mark=mark)
    seen = snapshot_of(member, snapshot_id)
    assert (seen.name, seen.description, seen.volume_id, seen.size_gb) == ("before", "the upgrade", volume_id, 1)
    assert snapshots.find_marked(member, mark) == [seen]
    assert seen in block_storage.list_snapshots(member)
    renamed = snapshots.update(member, snapshot_id, name="monday", description="")
    assert (renamed.name, renamed.description) == ("monday", "")

    assert volumes.can_revert(member)
    volumes.revert_to_snapshot(member, volume_id, snapshot_id)
    volume_of(member, volume_id)
    with pytest.raises(errors.Conflict):
        volumes.delete(member, volume_id)  # it has a snapshot

    snapshots.delete(member, snapshot_id)
    gone(snapshots.get, member, snapshot_id)
    with pytest.raises(errors.NotFound):
        snapshots.delete(member, snapshot_id)


def test_a_volume_goes_back_to_its_latest_snapshot_of_its_size_only(member: Connection, mark: str) -> None:
    volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
    volume_of(member, volume_id)
    first = snapshots.create(member, volume_id=volume_id, name="first", mark=mark)
    snapshot_of(member, first)
    second = snapshots.create(member, volume_id=volume_id, name="second", mark=mark)
    snapshot_of(member, second)
    with pytest.raises(errors.Invalid):
        volumes.revert_to_snapshot(member, volume_id, first)
    volumes.extend(member, volume_id, 2)
    volume_of(member, volume_id)
    with pytest.raises(errors.Invalid):
        volumes.revert_to_snapshot(member, volume_id, second)


def test_an_attached_volume_is_extended_and_snapshotted(project: SdkConnection, member: Connection, mark: str) -> None:
    network = project.network.create_network(name="net")
    project.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")
    server = project.compute.create_server(
        name="owner",
        flavor_id=project.compute.find_flavor("m1.tiny").id,
        image_id=project.image.find_image("cirros-0.6").id,
        networks=[{"uuid": network.id}],
    )
    try:
        volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
        volume_of(member, volume_id)
        project.compute.wait_for_server(server, interval=0.2, wait=60)
        attachment = project.compute.create_volume_attachment(server, volume_id=volume_id)
        volume_of(member, volume_id, "in-use")

        assert volumes.can_extend_attached(member)
        volumes.extend(member, volume_id, 2)
        assert volume_of(member, volume_id, "in-use").size_gb == 2
        with with_block_storage(project, "3.27") as old, pytest.raises(errors.Conflict):
            volumes.extend(old, volume_id, 3)

        with pytest.raises(errors.Conflict):
            snapshots.create(member, volume_id=volume_id, name="refused", mark=mark)
        forced = snapshots.create(member, volume_id=volume_id, name="forced", force=True, mark=mark)
        assert snapshot_of(member, forced).size_gb == 2

        project.block_storage.begin_volume_detaching(volume_id)
        volume_of(member, volume_id, "detaching")
        volumes.roll_detaching(member, volume_id)
        volume_of(member, volume_id, "in-use")

        project.compute.delete_volume_attachment(server, attachment)
        volume_of(member, volume_id)
    finally:
        project.compute.delete_server(server)
        project.compute.wait_for_delete(server, interval=0.2, wait=60)
        project.network.delete_network(network)


def test_a_volume_that_nobody_attaches_any_more_is_set_free(
    project: SdkConnection, member: Connection, mark: str
) -> None:
    volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
    volume_of(member, volume_id)
    volumes.unreserve(member, volume_id)
    assert volumes.get(member, volume_id).status == "available"  # said yes, did nothing
    project.block_storage.reserve_volume(volume_id)
    with pytest.raises(errors.Conflict):
        volumes.delete(member, volume_id)
    volumes.unreserve(member, volume_id)
    volume_of(member, volume_id)


def test_more_than_the_project_may_have_is_its_quota(member: Connection, mark: str) -> None:
    with pytest.raises(errors.QuotaExceeded) as caught:
        volumes.create(member, name="huge", size_gb=5000, mark=mark)
    assert "5000G" in caught.value.detail
    assert caught.value.request_id
    volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
    volume_of(member, volume_id)
    with pytest.raises(errors.QuotaExceeded):
        volumes.extend(member, volume_id, 5000)


def test_what_is_not_there_is_not_found(member: Connection, mark: str) -> None:
    with pytest.raises(errors.NotFound):
        volumes.create(member, name="none", snapshot_id=str(uuid4()), mark=mark)
    with pytest.raises(errors.NotFound):
        volumes.get(member, str(uuid4()))
    with pytest.raises(errors.NotFound):
        snapshots.create(member, volume_id=str(uuid4()), name="none", mark=mark)
    with pytest.raises(errors.Invalid):
        volumes.create(member, name="none", size_gb=1, zone="nowhere", mark=mark)
    with pytest.raises(errors.NotFound):
        volumes.create(member, name="none", size_gb=1, volume_type="nothing", mark=mark)


def test_a_reader_changes_nothing(devcloud: Devcloud) -> None:
    with devcloud.connect("north-atlas-reader") as connection, ours(connection) as reader:
        volume = block_storage.list_volumes(reader)[0]
        for change in (
            lambda: volumes.create(reader, name="none", size_gb=1, mark=f"op-{uuid4()}"),
            lambda: volumes.update(reader, volume.external_id, name="none", description=""),
            lambda: volumes.extend(reader, volume.external_id, volume.size_gb + 1),
            lambda: volumes.delete(reader, volume.external_id),
            lambda: snapshots.create(
                reader, volume_id=volume.external_id, name="none", force=True, mark=f"op-{uuid4()}"
            ),
        ):
            with pytest.raises(errors.Forbidden):
                change()


def test_all_of_it_works_as_in_ocata(project: SdkConnection, member: Connection, mark: str) -> None:
    with with_block_storage(project, "3.27") as old:
        volume_id = volumes.create(old, name="data", size_gb=1, mark=mark)
        volume_of(old, volume_id)
        volumes.extend(old, volume_id, 2)
        seen = volume_of(old, volume_id)
        assert seen.size_gb == 2
        assert volumes.find_marked(old, mark) == [seen]
        volumes.update(old, volume_id, name="other", description="words")
        snapshot_id = snapshots.create(old, volume_id=volume_id, name="before", force=True, mark=mark)
        snapshot = snapshot_of(old, snapshot_id)
        assert snapshots.find_marked(old, mark) == [snapshot]
        assert not volumes.can_extend_attached(old)
        assert not volumes.can_revert(old)
        with pytest.raises(errors.Invalid):
            volumes.revert_to_snapshot(old, volume_id, snapshot_id)
        snapshots.delete(old, snapshot_id)
        gone(snapshots.get, old, snapshot_id)
        volumes.delete(old, volume_id)
        gone(volumes.get, old, volume_id)


def test_a_filter_that_the_cloud_ignores_finds_no_others(project: SdkConnection, member: Connection, mark: str) -> None:
    volume_id = volumes.create(member, name="data", size_gb=1, mark=mark)
    volume_of(member, volume_id)
    snapshot_of(member, snapshots.create(member, volume_id=volume_id, name="before", mark=mark))
    with with_block_storage(project, "3.0") as older:  # filters snapshots by metadata since 3.22
        assert len(block_storage.list_snapshots(older)) == 1
        assert len(snapshots.find_marked(older, mark)) == 1
        assert snapshots.find_marked(older, f"{mark}-other") == []
