"""A volume that is stuck in attaching is set free."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from services.block_storage.models import Volume
from tests.unit.cinder_fake import Cinder
from tests.unit.running import refusals
from tests.unit.volume_pages import at, the_operation, volume
from tests.unit.volumes_cast import done_once, refused, stuck, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "volume-1"}, "volume_id", "nothing to take back"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "release-volume", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "release-volume")


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "release-volume")) is None


def test_what_has_not_hung_for_long_is_left_alone(cinder: Cinder, visit: Visit) -> None:
    stuck(cinder, "attaching")
    Volume.objects.update(changed_at=timezone.now())
    ((_field, reason),) = refusals(visit, "release-volume", volume_id="volume-1")
    assert "Wait until 2 minutes have passed" in reason


def hang(status: str, name: str) -> Volume:
    """Have it in this state for long."""
    Volume.objects.filter(name=name).update(status=status, changed_at=timezone.now() - timedelta(minutes=12))
    return volume(name)


def test_attaching_is_taken_back(member: Client) -> None:
    row = hang("attaching", "logs-archive")
    member.post(member.get(at(row)).context["trouble"].action.url)
    assert the_operation().action == "release-volume"
