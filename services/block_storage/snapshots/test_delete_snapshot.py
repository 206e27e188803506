"""A snapshot is deleted."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from services.block_storage.models import Snapshot
from tests.unit.cinder_fake import Cinder
from tests.unit.volume_pages import HERE, at, text, the_operation
from tests.unit.volumes_cast import command_lines, done_once, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "delete-snapshot", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "delete-snapshot")


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "delete-snapshot")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines("delete-snapshot", {"snapshot_id": "snapshot-1"}) == ["volume snapshot delete data-1-1"]


def test_a_snapshot_leaves_its_volume(member: Client) -> None:
    snapshot = Snapshot.objects.get(name="pg-data-01-monday")
    said = text(member.get(at(snapshot, "delete/")))
    assert "The volume that it is of" in said
    response = member.post(at(snapshot, "delete/"), {"typed": snapshot.name})
    assert response["Location"] == f"{HERE}snapshots/?op={the_operation().pk}"
