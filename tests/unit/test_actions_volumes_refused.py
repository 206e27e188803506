"""Changes of volumes and snapshots that can't be are refused before anything is sent, in words and at their field."""

import pytest
import requests_mock

from projects.access import Visit
from projects.models import Tenant
from services.compute.models import Server
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import FakeCloud
from tests.unit.running import refusals
from tests.unit.servers_cast import member_of
from tests.unit.volumes_cast import attached, inventory

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
