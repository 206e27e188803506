"""A volume is attached to a server."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.block_storage.models import Volume
from services.compute.models import Server
from tests.unit.cinder_fake import ATTACHMENTS, Cinder
from tests.unit.clouds_fake import FakeCloud
from tests.unit.running import ask, refusals, undo
from tests.unit.servers_cast import go
from tests.unit.volume_pages import CREATE, at, text, the_operation, volume
from tests.unit.volumes_cast import ON, State, command_lines, done_once, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "none", "server_id": "server-1"}, "volume_id", "no such volume"),
        ({"volume_id": "volume-1", "server_id": "none"}, "server_id", "no such server"),
        ({"volume_id": "volume-1", "server_id": "server-2"}, "server_id", "data-1 is in zone zone-a, and"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "attach-volume", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "attach-volume", **ON)
    assert any("in the state “uploading”" in reason for _field, reason in said)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "attach-volume")


def test_one_click_takes_attaching_and_detaching_back(cinder: Cinder, visit: Visit) -> None:
    operation = go(ask(visit, "attach-volume", **ON))
    assert undo(visit, operation).state == State.DONE
    assert cinder.row()["attachments"] == []
    assert cinder.done == [("attach", "volume-1"), ("detach", "volume-1")]


def test_the_same_by_the_command_line() -> None:
    assert command_lines("attach-volume", ON) == ["server add volume web-01 data-1"]


@pytest.mark.parametrize(("lost", "state", "sent"), [(2, State.DONE, 3), (3, State.FAILED, 3)])
def test_an_attachment_that_nova_lets_go_of_is_asked_for_anew(
    cinder: Cinder, visit: Visit, lost: int, state: str, sent: int
) -> None:
    operation = ask(visit, "attach-volume", **ON)
    for n in range(1, lost + 1):
        while cinder.did("attach") < n:
            go(operation, 1)
        cinder.ends.clear()
        cinder.row().update(status="available", attachments=[])
        run_later = {**operation.memory, "attach": (timezone.now() - timedelta(seconds=11)).isoformat()}
        Operation.objects.filter(pk=operation.pk).update(memory=run_later)
    go(operation)
    assert operation.state == state, operation.reason
    assert cinder.did("attach") == sent


def test_an_attachment_waits_for_a_server_that_is_at_work(
    requests_mock: requests_mock.Mocker, cloud: FakeCloud, cinder: Cinder, visit: Visit
) -> None:
    cloud.servers[0]["OS-EXT-STS:task_state"] = "image_uploading"
    requests_mock.post(ATTACHMENTS, status_code=409)
    operation = ask(visit, "attach-volume", **ON)
    go(operation, 12)
    assert operation.state == State.RUNNING
    assert "image uploading" in operation.note
    cloud.servers[0]["OS-EXT-STS:task_state"] = None
    go(operation)
    assert operation.state == State.FAILED


def test_where_it_is_attached_is_said(cinder: Cinder, visit: Visit) -> None:
    assert go(ask(visit, "attach-volume", **ON)).note == "In use as /dev/vdb"


def test_two_attach_the_same_volume_and_one_is_told(cinder: Cinder, visit: Visit) -> None:
    Server.objects.filter(external_id="server-2").update(zone="zone-a")
    first = ask(visit, "attach-volume", **ON)
    second = ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")
    turn.turn(first.pk)
    assert go(second).state == State.FAILED
    assert go(first).state == State.DONE
    assert cinder.did("attach") == 1


def test_zones_of_block_storage_that_compute_does_not_have_keep_nobody_apart(visit: Visit) -> None:
    Volume.objects.update(zone="storage-1")
    ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")


def test_the_servers_page_attaches_what_is_free(member: Client) -> None:
    server = Server.objects.get(name="web-01")
    page = member.get(at(server))
    said = text(page)
    assert "2 of 9 volumes are free." in said
    assert "logs-archive, 60 GB, ssd" in said
    assert f'href="{CREATE}?server_id={server.external_id}"' in said
    url = page.context["volumes"]["attach"]["url"]
    response = member.post(url, {"volume_id": volume().external_id})
    assert response["Location"] == f"{at(server)}?op={the_operation().pk}"
    assert (the_operation().action, the_operation().params) == (
        "attach-volume",
        {"volume_id": volume().external_id, "server_id": server.external_id},
    )


def test_so_does_the_volumes_page(member: Client) -> None:
    page = member.get(at(volume()))
    server = Server.objects.get(name="db-02")
    response = member.post(page.context["attach"]["url"], {"server_id": server.external_id})
    assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"
    assert the_operation().params == {"volume_id": volume().external_id, "server_id": server.external_id}


def test_and_a_form_of_its_own(member: Client) -> None:
    page = member.get(at(volume(), "attach/"))
    assert page.status_code == 200
    server = Server.objects.get(name="db-02")
    response = member.post(at(volume(), "attach/"), {"server_id": server.external_id})
    assert response["Location"] == f"{at(volume())}?op={the_operation().pk}"


def test_a_server_that_is_gone_is_refused_in_words(member: Client) -> None:
    response = member.post(at(volume(), "attach/"), {"server_id": "gone"})
    assert response.status_code == 422
    assert not Operation.objects.exists()


def test_a_button_that_comes_too_late_is_told_why(member: Client) -> None:
    url = member.get(at(Server.objects.get(name="web-01"))).context["volumes"]["attach"]["url"]
    Volume.objects.filter(name="logs-archive").update(status="uploading")
    response = member.post(url, {"volume_id": volume().external_id})
    assert response.status_code == 422
    assert "logs-archive is in the state “uploading”." in text(response)


def test_a_locked_server_says_so_instead(member: Client) -> None:
    Server.objects.filter(name="web-01").update(locked=True)
    said = text(member.get(at(Server.objects.get(name="web-01"))))
    assert "web-01 is locked. Unlock it first." in said
    assert 'name="volume_id"' not in said
