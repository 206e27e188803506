"""Volumes and snapshots changed by the real engine on a real cloud, checked with openstacksdk."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from projects.models import LocationService, Operation
from projects.operations import turn
from projects.operations.asking import RefusedError
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.images.models import Image
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, Project, enter, own_project
from tests.operations_factory import die
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]

MARK = "meshdeck-operation"
State = Operation.State


@pytest.fixture(scope="module")
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud) as project:
        try:
            yield project
        finally:
            storage = project.sdk.block_storage
            for snapshot in list(storage.snapshots()):
                storage.delete_snapshot(snapshot)
                storage.wait_for_delete(snapshot, interval=0.2, wait=30)


@pytest.fixture(scope="module")
def server_id(project: Project) -> str:
    """Boot one server for all tests."""
    sdk = project.sdk
    server = sdk.compute.create_server(
        name="web-01",
        flavor_id=sdk.compute.find_flavor("m1.tiny").id,
        image_id=sdk.image.find_image("cirros-0.6").id,
        networks=[{"uuid": project.network_id}],
    )
    return str(sdk.compute.wait_for_server(server, interval=0.3).id)


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, project: Project, server_id: str) -> Here:
    return enter(devcloud, issuer, project)


def create(here: Here, **more: Any) -> str:
    """Create a volume; return its id."""
    operation = here.do("create-volume", **{"name": f"v-{uuid4().hex[:6]}", "size_gb": 1, **more})
    return made(operation, "volume")


def made(operation: Operation, kind: str) -> str:
    return str(operation.targets.get(kind=kind).external_id)


def same(here: Here) -> None:
    """Check that the rows of volumes and snapshots equal openstacksdk's view, without a refresh."""
    storage = here.project.sdk.block_storage
    assert {
        one.id: (one.name, one.description or "", one.status, one.size, [a["server_id"] for a in one.attachments])
        for one in storage.volumes(details=True)
    } == {
        one.external_id: (
            one.name,
            one.description,
            one.status,
            one.size_gb,
            [a["server_id"] for a in one.attachments],
        )
        for one in Volume.objects.filter(tenant=here.tenant)
    }
    assert {one.id: (one.name, one.status, one.volume_id) for one in storage.snapshots(details=True)} == {
        one.external_id: (one.name, one.status, one.volume_id) for one in Snapshot.objects.filter(tenant=here.tenant)
    }


def test_a_volume_lives_from_its_creation_to_its_end(here: Here, server_id: str) -> None:
    sdk = here.project.sdk
    kind = VolumeType.objects.get(tenant=here.tenant, default=True).name
    operation = here.do(
        "create-volume",
        name="pg-data",
        description="of web-01",
        size_gb=1,
        volume_type=kind,
        zone="nova",
        server_id=server_id,
    )
    volume_id = made(operation, "volume")
    seen = sdk.block_storage.get_volume(volume_id)
    assert (seen.name, seen.description, seen.size, seen.volume_type, seen.availability_zone, seen.status) == (
        "pg-data",
        "of web-01",
        1,
        kind,
        "nova",
        "in-use",
    )
    assert seen.metadata[MARK] == operation.pk
    assert [one.id for one in sdk.compute.volume_attachments(server_id)] == [volume_id]
    same(here)

    here.do("extend-volume", volume_id=volume_id, size_gb=2)  # while it is attached
    assert sdk.block_storage.get_volume(volume_id).size == 2
    words = {"name": "pg-data-01", "description": "", "was_name": "pg-data", "was_description": "of web-01"}
    here.do("edit-volume", volume_id=volume_id, **words)
    assert sdk.block_storage.get_volume(volume_id).name == "pg-data-01"
    same(here)

    here.do("detach-volume", volume_id=volume_id, server_id=server_id)
    assert list(sdk.compute.volume_attachments(server_id)) == []
    assert sdk.block_storage.get_volume(volume_id).status == "available"
    here.do("attach-volume", volume_id=volume_id, server_id=server_id)
    here.do("detach-volume", volume_id=volume_id, server_id=server_id)
    same(here)

    here.do("delete-volume", volume_id=volume_id)
    assert sdk.block_storage.find_volume(volume_id) is None
    assert not Volume.objects.filter(tenant=here.tenant, external_id=volume_id).exists()
    same(here)


def test_a_volume_is_made_from_an_image_a_snapshot_and_a_volume(here: Here) -> None:
    image = Image.objects.get(tenant=here.tenant, name="cirros-0.6")
    size = max(1, image.min_disk_gb)
    root = create(here, image_id=image.external_id, size_gb=size)
    taken = made(here.do("create-snapshot", volume_id=root, name="fresh"), "snapshot")
    restored = create(here, snapshot_id=taken, size_gb=size)
    copied = create(here, source_volume_id=root, size_gb=size + 1)
    storage = here.project.sdk.block_storage
    assert storage.get_volume(root).is_bootable
    assert storage.get_volume(restored).snapshot_id == taken
    assert storage.get_volume(copied).source_volume_id == root
    assert storage.get_volume(copied).size == size + 1
    same(here)

    with pytest.raises(RefusedError):
        here.ask("delete-volume", volume_id=root)  # it has a snapshot
    here.do("delete-snapshot", snapshot_id=taken)
    for one in (root, restored, copied):
        here.do("delete-volume", volume_id=one)
    same(here)


def test_a_snapshot_of_a_volume_in_use_and_the_way_back_to_it(here: Here, server_id: str) -> None:
    storage = here.project.sdk.block_storage
    volume_id = create(here, server_id=server_id)
    taken = made(here.do("create-snapshot", volume_id=volume_id, name="before", description="d"), "snapshot")
    seen = storage.get_snapshot(taken)
    assert (seen.name, seen.description, seen.status, seen.volume_id) == ("before", "d", "available", volume_id)
    here.do("edit-snapshot", snapshot_id=taken, name="monday")
    with pytest.raises(RefusedError):
        here.ask("revert-volume", volume_id=volume_id, snapshot_id=taken)  # it is attached
    here.do("detach-volume", volume_id=volume_id, server_id=server_id)
    before = storage.get_volume(volume_id).updated_at
    operation = here.do("revert-volume", volume_id=volume_id, snapshot_id=taken)
    assert [step["key"] for step in operation.steps] == ["revert", "see"]
    assert storage.get_volume(volume_id).updated_at > before
    assert storage.get_snapshot(taken).name == "monday"
    here.do("delete-snapshot", snapshot_id=taken)
    here.do("delete-volume", volume_id=volume_id)
    same(here)


def test_only_the_latest_snapshot_is_a_way_back(here: Here) -> None:
    volume_id = create(here)
    first = made(here.do("create-snapshot", volume_id=volume_id, name="first"), "snapshot")
    second = made(here.do("create-snapshot", volume_id=volume_id, name="second"), "snapshot")
    with pytest.raises(RefusedError):
        here.ask("revert-volume", volume_id=volume_id, snapshot_id=first)
    here.do("revert-volume", volume_id=volume_id, snapshot_id=second)
    for one in (second, first):
        here.do("delete-snapshot", snapshot_id=one)
    here.do("delete-volume", volume_id=volume_id)
    same(here)


def test_an_old_block_storage_extends_only_what_is_free(here: Here, server_id: str) -> None:
    volume_id = create(here, server_id=server_id)
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    with pytest.raises(RefusedError):
        here.ask("extend-volume", volume_id=volume_id, size_gb=2)
    here.do("detach-volume", volume_id=volume_id, server_id=server_id)
    here.do("extend-volume", volume_id=volume_id, size_gb=2)
    assert here.project.sdk.block_storage.get_volume(volume_id).size == 2
    here.do("delete-volume", volume_id=volume_id)
    same(here)


class TestDeath:
    """A worker died after the cloud had made the change, before that was recorded."""

    def test_a_volume_is_not_made_twice(self, here: Here) -> None:
        operation = here.ask("create-volume", name="once", size_gb=1)
        die(operation, volume_id_sent_at=timezone.now().isoformat())
        here.project.sdk.block_storage.create_volume(name="once", size=1, metadata={MARK: operation.pk})
        assert here.finish(operation).state == State.DONE
        assert [one.name for one in here.project.sdk.block_storage.volumes()].count("once") == 1
        here.do("delete-volume", volume_id=made(operation, "volume"))

    def test_a_snapshot_is_not_taken_twice(self, here: Here) -> None:
        volume_id = create(here)
        operation = here.ask("create-snapshot", volume_id=volume_id, name="once")
        die(operation, snapshot_id_sent_at=timezone.now().isoformat())
        here.project.sdk.block_storage.create_snapshot(volume_id=volume_id, name="once", metadata={MARK: operation.pk})
        assert here.finish(operation).state == State.DONE
        assert len(list(here.project.sdk.block_storage.snapshots(volume_id=volume_id))) == 1
        here.do("delete-snapshot", snapshot_id=made(operation, "snapshot"))
        here.do("delete-volume", volume_id=volume_id)

    def test_a_volume_does_not_grow_twice(self, here: Here) -> None:
        volume_id = create(here)
        operation = here.ask("extend-volume", volume_id=volume_id, size_gb=2)
        die(operation)
        here.project.sdk.block_storage.extend_volume(volume_id, 2)
        assert here.finish(operation).state == State.DONE
        assert here.project.sdk.block_storage.get_volume(volume_id).size == 2
        here.do("delete-volume", volume_id=volume_id)

    def test_what_is_gone_already_was_deleted(self, here: Here) -> None:
        volume_id = create(here)
        operation = here.ask("delete-volume", volume_id=volume_id)
        die(operation)
        here.project.sdk.block_storage.delete_volume(volume_id)
        assert here.finish(operation).state == State.DONE
        same(here)

    def test_a_volume_does_not_go_back_twice(self, here: Here) -> None:
        storage = here.project.sdk.block_storage
        volume_id = create(here)
        taken = made(here.do("create-snapshot", volume_id=volume_id, name="s"), "snapshot")
        operation = here.ask("revert-volume", volume_id=volume_id, snapshot_id=taken)
        before = [str(storage.get_volume(volume_id).updated_at), str(storage.get_snapshot(taken).updated_at)]
        die(operation, place=volume_id, record=before, reverted_sent_at=timezone.now().isoformat())
        storage.revert_volume_to_snapshot(volume_id, taken)
        volume = storage.wait_for_status(storage.get_volume(volume_id), "available", interval=0.2)
        after = volume.updated_at
        assert here.finish(operation).state == State.DONE
        assert storage.get_volume(volume_id).updated_at == after
        here.do("delete-snapshot", snapshot_id=taken)
        here.do("delete-volume", volume_id=volume_id)


class TestStuck:
    """Stuck states, and what a member can do about them."""

    def hang(self, here: Here, volume_id: str) -> None:
        """Make it old enough to count as stuck."""
        here.look()
        Volume.objects.filter(external_id=volume_id).update(changed_at=timezone.now() - timedelta(minutes=5))

    def test_attaching_is_taken_back(self, here: Here) -> None:
        volume_id = create(here)
        here.project.sdk.block_storage.reserve_volume(volume_id)
        self.hang(here, volume_id)
        here.do("release-volume", volume_id=volume_id)
        assert here.project.sdk.block_storage.get_volume(volume_id).status == "available"
        same(here)
        here.do("delete-volume", volume_id=volume_id)

    def test_detaching_is_begun_again(self, here: Here, server_id: str) -> None:
        volume_id = create(here, server_id=server_id)
        here.project.sdk.block_storage.begin_volume_detaching(volume_id)
        self.hang(here, volume_id)
        here.do("detach-again", volume_id=volume_id, server_id=server_id)
        assert here.project.sdk.block_storage.get_volume(volume_id).status == "available"
        assert list(here.project.sdk.compute.volume_attachments(server_id)) == []
        same(here)
        here.do("delete-volume", volume_id=volume_id)


def test_who_edits_second_is_told_what_changed(here: Here) -> None:
    volume_id = create(here, name="first")
    words = {"volume_id": volume_id, "was_name": "first", "was_description": ""}
    mine = here.ask("edit-volume", name="mine", **words)
    theirs = here.ask("edit-volume", name="theirs", **words)
    assert turn.turn(theirs.pk) == 0.3  # after the other one
    assert here.finish(mine).state == State.DONE
    assert here.finish(theirs).state == State.FAILED
    assert theirs.code == "changed_meanwhile"
    assert here.project.sdk.block_storage.get_volume(volume_id).name == "mine"
    here.do("delete-volume", volume_id=volume_id)


def test_what_the_cloud_alone_knows_comes_back_with_its_words(here: Here) -> None:
    storage = here.project.sdk.block_storage
    here.project.sdk.block_storage.update_quota_set(here.project.sdk.current_project_id, per_volume_gigabytes=3)
    try:
        operation = here.finish(here.ask("create-volume", name="too-large", size_gb=4))
    finally:
        storage.update_quota_set(here.project.sdk.current_project_id, per_volume_gigabytes=-1)
    assert operation.state == State.FAILED
    assert operation.note == "Nothing was made."
    assert operation.detail
    same(here)
