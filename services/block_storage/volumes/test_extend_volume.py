"""A volume is made larger."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.models import Limit, LocationService
from services.block_storage.models import Volume
from services.openstack.words import Measure, Service
from tests import factories
from tests.unit.cinder_fake import Cinder
from tests.unit.clouds_fake import FakeCloud
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go
from tests.unit.volume_pages import at, text, the_operation, volume
from tests.unit.volumes_cast import State, attached, command_lines, done_once, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "volume-1", "size_gb": 20}, "size_gb", "data-1 has 20 GB already"),
        ({"volume_id": "volume-1", "size_gb": 500}, "size_gb", "480 GB is 40 GB more than atlas has left"),
        ({"volume_id": "none", "size_gb": 50}, "volume_id", "no such volume"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "extend-volume", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "extend-volume", volume_id="volume-1", size_gb=40)
    assert any("in the state “uploading”" in reason for _field, reason in said)


@pytest.mark.parametrize("verb", ["extend-volume", "extend-volume attached"])
def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit, verb: str) -> None:
    done_once(cinder, visit, verb)


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "extend-volume")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines("extend-volume", {"volume_id": "volume-1", "size_gb": 40}) == [
        "--os-volume-api-version=3.42 volume set --size=40 data-1"
    ]


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


def test_it_counts_what_is_added(member: Client) -> None:
    Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=980)
    page = at(volume(), "extend/")
    assert member.get(page).context["form"]["size_gb"].value() == 70
    response = member.post(page, {"size_gb": "100"})
    assert "40 GB is 20 GB more than atlas has left in north (20 of 1,000 GB)." in text(response)
    assert 'data-value="80">Use 80 GB' in text(response)
    assert member.post(page, {"size_gb": "80"})["Location"] == f"{at(volume())}?op={the_operation().pk}"
    assert the_operation().params["size_gb"] == 80


def test_an_attached_one_grows_where_the_cloud_can(member: Client, cast: factories.Cast) -> None:
    page = at(volume("web-assets"), "extend/")
    assert "It stays attached, and its server sees the new size." in text(member.get(page))
    cast.north.services.filter(service=Service.BLOCK_STORAGE).update(max_microversion="3.27")
    response = member.post(page, {"size_gb": "120"})
    assert response.status_code == 422
    assert "It is attached to web-01. north is too old to extend a volume that is attached" in text(response)
