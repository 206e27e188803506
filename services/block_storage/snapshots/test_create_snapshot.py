"""A snapshot of a volume is taken."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.models import Limit, Tenant
from services.block_storage.models import Volume
from services.openstack.words import Measure
from tests.unit.cinder_fake import Cinder
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go
from tests.unit.volume_pages import at, text, the_operation, volume
from tests.unit.volumes_cast import attached, command_lines, done_once, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "create-snapshot", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "create-snapshot", volume_id="volume-1", name="x")
    assert any("in the state “uploading”" in reason for _field, reason in said)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "create-snapshot")


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "create-snapshot")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines("create-snapshot", {"volume_id": "volume-1", "name": "s", "description": "d"}) == [
        "volume snapshot create --volume=data-1 --description=d --force s"
    ]


def test_a_snapshot_is_forced_only_of_a_volume_in_use(cinder: Cinder, visit: Visit) -> None:
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="one"))
    attached(cinder)
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="two"))
    assert [body.get("force") for body in cinder.bodies] == [None, True]


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


def test_one_is_taken(member: Client) -> None:
    page = at(volume("web-assets"), "snapshot/")
    assert "The volume is in use" in text(member.get(page))
    response = member.post(page, {"name": "before", "description": ""})
    assert response["Location"] == f"{at(volume('web-assets'))}?op={the_operation().pk}"
    assert the_operation().params == {
        "volume_id": volume("web-assets").external_id,
        "name": "before",
        "description": "",
    }
