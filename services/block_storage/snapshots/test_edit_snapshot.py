"""A snapshot gets another name or description."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from services.block_storage.models import Snapshot
from tests.unit.cinder_fake import Cinder
from tests.unit.running import ask, undo
from tests.unit.servers_cast import go
from tests.unit.volume_pages import at, the_operation
from tests.unit.volumes_cast import State, done_once, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"snapshot_id": "none", "name": "x"}, "snapshot_id", "no such snapshot"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "edit-snapshot", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "edit-snapshot")


def test_one_click_takes_it_back(cinder: Cinder, visit: Visit) -> None:
    params = {"name": "monday", "was_name": "data-1-1", "was_description": ""}
    operation = go(ask(visit, "edit-snapshot", snapshot_id="snapshot-1", **params))
    assert undo(visit, operation).state == State.DONE
    assert cinder.cloud.snapshots[0]["name"] == "data-1-1"


def test_its_page_asks_for_it(member: Client) -> None:
    snapshot = Snapshot.objects.get(name="web-assets-1")
    was = member.get(at(snapshot, "edit/")).context["form"]["was"].value()
    member.post(at(snapshot, "edit/"), {"name": "kept", "description": "", "was": was})
    assert the_operation().action == "edit-snapshot"
