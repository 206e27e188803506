"""A volume that is stuck in detaching is detached anew."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from services.block_storage.models import Volume
from tests.unit.cinder_fake import Cinder
from tests.unit.running import undo
from tests.unit.volume_pages import at, text, the_operation, volume
from tests.unit.volumes_cast import ON, State, done_once, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        (ON, "volume_id", "nothing to take back"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "detach-again", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "detach-again")


def test_one_click_takes_it_back(cinder: Cinder, visit: Visit) -> None:
    operation = done_once(cinder, visit, "detach-again")
    assert undo(visit, operation).state == State.DONE
    assert cinder.did("attach") == 1


def hang(status: str, name: str) -> Volume:
    """Have it in this state for long."""
    Volume.objects.filter(name=name).update(status=status, changed_at=timezone.now() - timedelta(minutes=12))
    return volume(name)


def test_detaching_is_said_with_its_time_and_begun_again_by_one_click(member: Client) -> None:
    row = hang("detaching", "logs-01")
    page = member.get(at(row))
    assert "Detaching for 12 min, since " in text(page)
    response = member.post(page.context["trouble"].action.url)
    assert response["Location"] == f"{at(row)}?op={the_operation().pk}"
    assert the_operation().action == "detach-again"
