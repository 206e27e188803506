"""A volume is deleted."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.block_storage.models import Volume
from tests.unit.cinder_fake import Cinder
from tests.unit.clouds_fake import NOVA
from tests.unit.clouds_fake import volume as raw_volume
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go
from tests.unit.volume_pages import HERE, at, text, the_operation, volume
from tests.unit.volumes_cast import State, command_lines, done_once, free, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "volume-1"}, "volume_id", "data-1 has the snapshot data-1-1, which"),
        ({"volume_id": "none"}, "volume_id", "no such volume"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "delete-volume", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "delete-volume", volume_id="volume-1")
    assert any("in the state “uploading”" in reason for _field, reason in said)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "delete-volume")


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "delete-volume")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines("delete-volume", {"volume_id": "volume-1"}) == ["volume delete data-1"]


def test_somebody_else_has_deleted_it_already(cinder: Cinder, visit: Visit) -> None:
    free(cinder)
    operation = ask(visit, "delete-volume", volume_id="volume-1")
    cinder.cloud.volumes.clear()
    assert go(operation).state == State.DONE
    assert cinder.did("delete") == 0
    assert not Volume.objects.exists()


def test_volumes_of_nobody_else_are_touched(cinder: Cinder, visit: Visit) -> None:
    cinder.cloud.volumes.append(raw_volume(2))
    free(cinder)
    go(ask(visit, "delete-volume", volume_id="volume-1"))
    assert cinder.has("volume-2")
    assert not any(NOVA in request.url for request in cinder.cloud.mock.request_history)


def test_its_name_is_typed(member: Client) -> None:
    page = at(volume("scratch-01"), "delete/")
    said = text(member.get(page))
    assert "This will be lost" in said
    assert "40 GB, hdd, made" in said
    assert "There is no undo." in said
    refused = member.post(page, {"typed": "scratch"})
    assert refused.status_code == 422
    assert "“scratch” does not match. The name is “scratch-01”." in text(refused)
    assert member.post(page, {"typed": "scratch-01"})["Location"] == f"{HERE}volumes/?op={the_operation().pk}"
    assert the_operation().action == "delete-volume"


def test_what_stands_in_the_way_is_named_instead(member: Client) -> None:
    page = at(volume("pg-data-01"), "delete/")
    said = text(member.get(page))
    assert "pg-data-01 is attached to db-01. Detach it first." in said
    assert "pg-data-01 has the snapshots pg-data-01-monday, pg-data-01-sunday" in said
    assert f"{HERE}snapshots/?q={volume('pg-data-01').external_id}" in said
    assert "to confirm" not in said
    assert member.post(page, {"typed": "pg-data-01"}).status_code == 422
    assert not Operation.objects.exists()
