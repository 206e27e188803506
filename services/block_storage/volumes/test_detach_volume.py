"""A volume is detached from a server."""

from typing import Any

import pytest
import requests_mock
from django.test import Client

from projects.access import Visit
from projects.operations import turn
from services.block_storage.models import Volume
from services.compute.models import Server
from tests.unit.cinder_fake import Cinder
from tests.unit.running import ask, refusals, undo
from tests.unit.servers_cast import go
from tests.unit.volume_pages import at, text, the_operation, volume
from tests.unit.volumes_cast import ON, State, attached, command_lines, done_once, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        (ON, "volume_id", "data-1 is not attached to this server."),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "detach-volume", params, field, words)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "detach-volume")


def test_one_click_takes_it_back(cinder: Cinder, visit: Visit) -> None:
    operation = done_once(cinder, visit, "detach-volume")
    assert undo(visit, operation).state == State.DONE
    assert cinder.did("attach") == 1


def test_the_same_by_the_command_line() -> None:
    assert command_lines("detach-volume", ON) == ["server remove volume web-01 data-1"]


def test_a_volume_of_a_server_that_was_deleted_meanwhile_is_detached(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    operation = ask(visit, "detach-volume", **ON)
    turn.turn(operation.pk)
    cinder.cloud.servers.clear()
    assert go(operation).state == State.DONE


def test_a_volume_whose_server_is_gone_needs_the_operator(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Server.objects.all().delete()
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert "Ask help@north.example." in reason


def test_the_boot_volume_stays(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Volume.objects.update(bootable=True)
    Server.objects.filter(external_id="server-1").update(volumes=[{"id": "volume-1", "device": "/dev/vda"}])
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert reason == "web-01 boots from data-1, so it can't be detached."


def test_a_running_server_is_warned_of_before_it_loses_a_disk(member: Client) -> None:
    server = Server.objects.get(name="web-01")
    page = at(volume("web-assets"), f"detach/?server_id={server.external_id}&from=server")
    assert page in text(member.get(at(server)))
    said = text(member.get(page))
    assert "web-01 is running. What it has not written to the disk yet is lost" in said
    assert "100 GB, with all that is on it" in said
    assert "server remove volume" in said
    response = member.post(page)
    assert response["Location"] == f"{at(server)}?op={the_operation().pk}"
    assert the_operation().action == "detach-volume"


def test_a_stopped_one_loses_it_by_one_click(member: Client) -> None:
    server = Server.objects.get(name="web-01")
    Server.objects.filter(pk=server.pk).update(status="SHUTOFF")
    row = next(one for one in member.get(at(server)).context["volumes"]["rows"] if one["detach"])
    assert row["detach"].post
    response = member.post(row["detach"].url)
    assert response["Location"] == f"{at(server)}?op={the_operation().pk}"


def test_the_boot_volume_has_no_button(member: Client) -> None:
    rows = member.get(at(Server.objects.get(name="web-01"))).context["volumes"]["rows"]
    assert [(row["volume"].name, bool(row["detach"])) for row in rows] == [
        ("web-01-root", False),
        ("web-assets", True),
    ]


def test_what_is_not_attached_can_not_be_detached(member: Client) -> None:
    page = member.get(at(volume(), "detach/"))
    assert "Not possible now" in text(page)
    assert member.post(at(volume(), "detach/")).status_code == 422
