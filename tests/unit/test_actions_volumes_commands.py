"""Changes of volumes and snapshots, as commands and as Terraform."""

from typing import Any

import pytest
import requests_mock

from projects.actions import ACTIONS
from projects.models import Tenant
from tests.unit.cinder_fake import snapshot
from tests.unit.clouds_fake import FakeCloud
from tests.unit.volumes_cast import ON, inventory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return inventory(cloud)


@pytest.mark.parametrize(
    ("verb", "params", "lines"),
    [
        (
            "create-volume",
            {"name": "pg", "size_gb": 30, "snapshot_id": "snapshot-1", "server_id": "server-1"},
            ["volume create --size 30 --snapshot data-1-1 pg", "server add volume web-01 pg"],
        ),
        ("attach-volume", ON, ["server add volume web-01 data-1"]),
        ("detach-volume", ON, ["server remove volume web-01 data-1"]),
        (
            "extend-volume",
            {"volume_id": "volume-1", "size_gb": 40},
            ["--os-volume-api-version 3.42 volume set --size 40 data-1"],
        ),
        (
            "create-snapshot",
            {"volume_id": "volume-1", "name": "s", "description": "d"},
            ["volume snapshot create --volume data-1 --description d --force s"],
        ),
        (
            "revert-volume",
            {"volume_id": "volume-1", "snapshot_id": "snapshot-1"},
            ["--os-volume-api-version 3.40 volume revert data-1-1"],
        ),
        (
            "edit-volume",
            {"volume_id": "volume-1", "name": "n", "description": "d"},
            ["volume set --name n --description d data-1"],
        ),
        ("delete-volume", {"volume_id": "volume-1"}, ["volume delete data-1"]),
        ("delete-snapshot", {"snapshot_id": "snapshot-1"}, ["volume snapshot delete data-1-1"]),
    ],
)
def test_the_same_by_the_command_line(tenant: Tenant, verb: str, params: dict[str, Any], lines: list[str]) -> None:
    action = ACTIONS[verb]
    wanted = action.params.model_validate(params)
    names = {"volume-1": "data-1", "server-1": "web-01", "snapshot-1": "data-1-1"}
    said = [" ".join(word for group in line for word in group) for line in action.commands(wanted, names)]
    assert said == lines


def test_a_new_volume_as_terraform(tenant: Tenant) -> None:
    action = ACTIONS["create-volume"]
    wanted = action.params.model_validate({"name": "pg ${x}", "size_gb": 30, "server_id": "server-1"})
    assert action.terraform(tenant, wanted, {}) == (
        'resource "openstack_blockstorage_volume_v3" "pg_x" {\n'
        '  name = "pg $${x}"\n'
        "  size = 30\n"
        "}\n\n"
        'resource "openstack_compute_volume_attach_v2" "pg_x" {\n'
        '  instance_id = "server-1"\n'
        "  volume_id   = openstack_blockstorage_volume_v3.pg_x.id\n"
        "}"
    )
