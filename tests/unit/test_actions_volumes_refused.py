"""Changes of volumes and snapshots that can't be are refused before anything is sent, in words and at their field."""

from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.models import Limit, LocationService, Operation, Tenant
from services.block_storage.models import Snapshot, Volume
from services.compute.models import Server
from services.openstack.words import Measure
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import FakeCloud
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go, member_of
from tests.unit.volumes_cast import ON, State, attached, inventory, make, stuck

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    return Cinder(cloud)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return inventory(cloud)


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    return member_of(tenant)


def test_an_old_cloud_extends_only_what_is_free(cloud: FakeCloud, cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    operation = ask(visit, "extend-volume", volume_id="volume-1", size_gb=40)
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    assert refusals(visit, "extend-volume", volume_id="volume-1", size_gb=40)[0][1].startswith(
        "It is attached to web-01. north is too old to extend a volume that is attached"
    )
    assert go(operation).state == State.FAILED
    assert "3.42" in operation.reason
    assert cinder.done == []


def test_an_old_cloud_puts_no_volume_back(visit: Visit) -> None:
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == ("north is too old to put a volume back in place: its block storage would have to know 3.40.")


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("create-volume", {"size_gb": 480}, "size_gb", "480 GB is 40 GB more than atlas has left in north (440 of"),
    ("create-volume", {"image_id": "image-1", "size_gb": 2}, "size_gb", "Debian 13 needs at least 5 GB."),
    ("create-volume", {"snapshot_id": "snapshot-1", "size_gb": 10}, "size_gb", "data-1-1 needs at least 20 GB."),
    ("create-volume", {"source_volume_id": "volume-1", "size_gb": 10}, "size_gb", "data-1 needs at least 20 GB."),
    ("create-volume", {"image_id": "none"}, "image_id", "no such image"),
    ("create-volume", {"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("create-volume", {"source_volume_id": "none"}, "source_volume_id", "no such volume"),
    ("create-volume", {"image_id": "image-1", "snapshot_id": "snapshot-1"}, "", "made from one thing"),
    ("create-volume", {"volume_type": "nvme"}, "volume_type", "There is no volume type “nvme” here."),
    ("create-volume", {"zone": "moon"}, "zone", "There is no zone “moon” for volumes here. There is zone-a."),
    ("create-volume", {"server_id": "none"}, "server_id", "no such server"),
    ("create-volume", {"server_id": "server-2"}, "server_id", "The new volume would be in zone zone-a, and web-02 in"),
    ("attach-volume", {"volume_id": "none", "server_id": "server-1"}, "volume_id", "no such volume"),
    ("attach-volume", {"volume_id": "volume-1", "server_id": "none"}, "server_id", "no such server"),
    ("attach-volume", {"volume_id": "volume-1", "server_id": "server-2"}, "server_id", "data-1 is in zone zone-a, and"),
    ("detach-volume", ON, "volume_id", "data-1 is not attached to this server."),
    ("extend-volume", {"volume_id": "volume-1", "size_gb": 20}, "size_gb", "data-1 has 20 GB already"),
    ("extend-volume", {"volume_id": "volume-1", "size_gb": 500}, "size_gb", "480 GB is 40 GB more than atlas has left"),
    ("extend-volume", {"volume_id": "none", "size_gb": 50}, "volume_id", "no such volume"),
    ("create-snapshot", {"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("edit-volume", {"volume_id": "volume-1", "name": "data-1"}, "", "called already"),
    ("edit-volume", {"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ("edit-snapshot", {"snapshot_id": "none", "name": "x"}, "snapshot_id", "no such snapshot"),
    ("delete-volume", {"volume_id": "volume-1"}, "volume_id", "data-1 has the snapshot data-1-1, which"),
    ("delete-volume", {"volume_id": "none"}, "volume_id", "no such volume"),
    ("delete-snapshot", {"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("release-volume", {"volume_id": "volume-1"}, "volume_id", "nothing to take back"),
    ("detach-again", ON, "volume_id", "nothing to take back"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "params", "field", "words"), REFUSED)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, verb: str, params: dict[str, Any], field: str, words: str
) -> None:
    wanted = {"name": "pg", "size_gb": 20, **params} if verb == "create-volume" else params
    said = [(where, reason.replace("\xa0", " ")) for where, reason in refusals(visit, verb, **wanted)]
    assert any(where == field and words in reason for where, reason in said), said
    assert requests_mock.request_history == []
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("attach-volume", ON),
        ("extend-volume", {"volume_id": "volume-1", "size_gb": 40}),
        ("create-snapshot", {"volume_id": "volume-1", "name": "x"}),
        ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}),
        ("delete-volume", {"volume_id": "volume-1"}),
        ("create-volume", {"name": "copy", "size_gb": 20, "source_volume_id": "volume-1"}),
    ],
)
def test_in_a_wrong_state_it_is_refused(visit: Visit, verb: str, params: dict[str, Any]) -> None:
    Volume.objects.update(status="uploading")
    assert any("in the state “uploading”" in reason for _field, reason in refusals(visit, verb, **params))


def test_an_attached_volume_is_neither_deleted_nor_put_back_nor_attached_elsewhere(
    cinder: Cinder, visit: Visit
) -> None:
    attached(cinder)
    Server.objects.update(zone="zone-a")
    for verb, params in (
        ("delete-volume", {"volume_id": "volume-1"}),
        ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}),
    ):
        said = refusals(visit, verb, **params)
        assert ("volume_id", "data-1 is attached to web-01. Detach it first.") in said
    ((_field, reason),) = refusals(visit, "attach-volume", volume_id="volume-1", server_id="server-2")
    assert reason == "data-1 is attached to another server. Detach it there first."


def test_a_volume_goes_back_to_its_latest_snapshot_only(tenant: Tenant, visit: Visit) -> None:
    newer = make(
        tenant, Snapshot, "snapshot-2", name="newer", status="available", size_gb=20, volume_id="volume-1",
        created_at=timezone.now(),
    )  # fmt: skip
    ((field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert (field, reason) == ("snapshot_id", "A volume goes back to its latest snapshot only, which is newer.")
    newer.delete()
    Volume.objects.update(size_gb=40)
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == "data-1 has grown from 20 to 40 GB since, and can't go back."


def test_zones_of_block_storage_that_compute_does_not_have_keep_nobody_apart(visit: Visit) -> None:
    Volume.objects.update(zone="storage-1")
    ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")


def test_what_has_not_hung_for_long_is_left_alone(cinder: Cinder, visit: Visit) -> None:
    stuck(cinder, "attaching")
    Volume.objects.update(changed_at=timezone.now())
    ((_field, reason),) = refusals(visit, "release-volume", volume_id="volume-1")
    assert "Wait until 2 minutes have passed" in reason


def test_a_volume_whose_server_is_gone_needs_the_operator(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Server.objects.all().delete()
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert "Ask help@north.example." in reason


def test_the_boot_volume_stays(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Volume.objects.update(bootable=True)
    Server.objects.filter(external_id="server-1").update(volumes=[{"id": "volume-1", "device": "/dev/vda"}])
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert reason == "web-01 boots from data-1, so it can't be detached."


def test_snapshots_count_as_storage_where_the_cloud_counts_them(tenant: Tenant, visit: Visit) -> None:
    tenant.figures = {"volumes": {"gb": 940}, "snapshots": {"gb": 50}}
    tenant.save()
    Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=990)
    said = refusals(visit, "create-snapshot", volume_id="volume-1", name="x")
    assert [(field, reason) for field, reason in said] == [
        ("", "20 GB is 10 GB more than atlas has left in north (10 of 1,000 GB).")
    ]
    Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=940)  # its operator has them not counted
    ask(visit, "create-snapshot", volume_id="volume-1", name="x")
