"""A volume gets another name or description, and nobody's words are lost."""

import json
from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.block_storage.models import Volume
from tests.unit.cinder_fake import Cinder
from tests.unit.nova_fake import Killed
from tests.unit.running import ask, refusals, undo
from tests.unit.servers_cast import go, later
from tests.unit.volume_pages import at, text, the_operation, volume
from tests.unit.volumes_cast import State, command_lines, done_once, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "volume-1", "name": "data-1"}, "", "called already"),
        ({"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "edit-volume", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "edit-volume")


def test_one_click_takes_it_back(cinder: Cinder, visit: Visit) -> None:
    params = {"name": "logs", "description": "x", "was_name": "data-1", "was_description": ""}
    operation = go(ask(visit, "edit-volume", volume_id="volume-1", **params))
    assert undo(visit, operation).state == State.DONE
    assert (cinder.row()["name"], cinder.row()["description"]) == ("data-1", "")


def test_the_same_by_the_command_line() -> None:
    assert command_lines("edit-volume", {"volume_id": "volume-1", "name": "n", "description": "d"}) == [
        "volume set --name=n --description=d data-1"
    ]


def test_the_second_sees_what_changed(cinder: Cinder, visit: Visit) -> None:
    first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1", was_description="")
    second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description="")
    assert go(first).state == State.DONE
    assert go(second).state == State.FAILED
    assert second.code == "changed_meanwhile"
    assert "its name is now “logs”" in second.reason
    assert cinder.row()["name"] == "logs"


def test_who_asked_later_waits_for_who_asked_earlier(cinder: Cinder, visit: Visit) -> None:
    first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
    second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1")
    assert turn.turn(second.pk) == 0.3
    assert cinder.done == []
    go(first)
    assert go(second).state == State.FAILED


def test_the_form_is_told_too(visit: Visit) -> None:
    Volume.objects.update(name="logs", description="of web")
    ((_field, reason),) = refusals(
        visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description=""
    )
    assert reason == "It was changed meanwhile: its name is now “logs”, its description “of web”."


def test_what_was_written_is_done_whoever_comes_after(cinder: Cinder, visit: Visit) -> None:
    operation = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
    cinder.kill(2, "after")  # its PUT
    with pytest.raises(Killed):
        turn.turn(operation.pk)
    cinder.dies_at = None
    later(operation, 30)
    assert go(operation).state == State.DONE
    assert cinder.did("rename") == 1


def test_both_words_are_changed(member: Client) -> None:
    page = at(volume(), "edit/")
    form = member.get(page).context["form"]
    was = form["was"].value()
    response = member.post(page, {"name": "old-logs", "description": "2025", "was": was})
    assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"
    assert the_operation().params == {
        "volume_id": volume().external_id,
        "name": "old-logs",
        "description": "2025",
        "was_name": "logs-archive",
        "was_description": "",
    }


def test_who_is_second_sees_what_changed_and_may_put_theirs_in_its_place(member: Client) -> None:
    page = at(volume(), "edit/")
    was = member.get(page).context["form"]["was"].value()
    row = volume()
    Volume.objects.filter(pk=row.pk).update(name="hers")
    response = member.post(page, {"name": "mine", "description": "", "was": was})
    said = text(response)
    assert response.status_code == 422
    assert "It was changed meanwhile: its name is now “hers”, without a description." in said
    assert 'value="mine"' in said
    (way,) = response.context["form"]["name"].told[0].ways
    assert (way.field, way.value) == ("was", json.dumps(["hers", ""]))
    assert not Operation.objects.exists()
    member.post(page, {"name": "mine", "description": "", "was": way.value})
    assert the_operation().params["was_name"] == "hers"


@pytest.mark.parametrize("was", ["", "rubbish", "{}", '["one"]', "7", '[1, {"a": 2}]', "[" * 5000])
def test_rubbish_instead_of_what_was_is_refused(member: Client, was: str) -> None:
    response = member.post(at(volume(), "edit/"), {"name": "mine", "description": "", "was": was})
    assert response.status_code == 422
    assert not Operation.objects.exists()
    assert not was or "Open the form again." in text(response)
