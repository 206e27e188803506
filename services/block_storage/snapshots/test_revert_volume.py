"""A volume goes back to its latest snapshot."""

from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import LocationService, Operation, Tenant
from services.block_storage.models import Snapshot, Volume
from tests.unit.cinder_fake import Cinder
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go
from tests.unit.volume_pages import CREATE, at, text, the_operation, volume
from tests.unit.volumes_cast import State, command_lines, done_once, make, refused, undo_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"volume_id": "volume-1", "snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ],
)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, params: dict[str, Any], field: str, words: str
) -> None:
    refused(visit, requests_mock, "revert-volume", params, field, words)


def test_in_a_wrong_state_it_is_refused(visit: Visit) -> None:
    Volume.objects.update(status="uploading")
    said = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert any("in the state “uploading”" in reason for _field, reason in said)


def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit) -> None:
    done_once(cinder, visit, "revert-volume")


def test_there_is_no_undo(cinder: Cinder, visit: Visit) -> None:
    assert undo_of(done_once(cinder, visit, "revert-volume")) is None


def test_the_same_by_the_command_line() -> None:
    assert command_lines("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}) == [
        "--os-volume-api-version=3.40 volume revert data-1-1"
    ]


def test_a_rename_in_between_is_not_taken_for_a_revert(cinder: Cinder, visit: Visit) -> None:
    operation = ask(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    cinder.kill(3, "before")  # it has written down that it sends, and did not
    go(operation, 1)
    assert operation.memory["reverted_sent_at"]
    cinder.touch(cinder.row())
    assert go(operation).state == State.DONE
    assert cinder.did("revert") == 1


def test_an_old_cloud_puts_no_volume_back(visit: Visit) -> None:
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == ("north is too old to put a volume back in place: its block storage would have to know 3.40.")


def test_a_volume_goes_back_to_its_latest_snapshot_only(tenant: Tenant, visit: Visit) -> None:
    newer = make(
        tenant, Snapshot, "snapshot-2", name="newer", status="available", size_gb=20, volume_id="volume-1",
        created_at=timezone.now(),
    )  # fmt: skip
    ((field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert (field, reason) == ("snapshot_id", "A volume goes back to its latest snapshot only, which is newer.")
    newer.delete()
    Volume.objects.update(size_gb=40)
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == "data-1 has grown from 20 to 40 GB since, and can't go back."


def test_going_back_says_what_is_lost_and_has_the_volumes_name_typed(member: Client) -> None:
    Volume.objects.filter(name="pg-data-01").update(status="available", attachments=[])
    latest = max(Snapshot.objects.filter(name__startswith="pg-data"), key=lambda one: one.external_id)
    said = text(member.get(at(latest, "revert/")))
    assert f"What was written to pg-data-01 since {latest.name} was taken" in said
    assert "Type pg-data-01 to confirm" in said
    assert member.post(at(latest, "revert/"), {"typed": latest.name}).status_code == 422
    assert not Operation.objects.exists()
    member.post(at(latest, "revert/"), {"typed": "pg-data-01"})
    assert the_operation().action == "revert-volume"


def test_where_it_can_not_go_back_there_is_another_way(member: Client) -> None:
    snapshot = Snapshot.objects.get(name="web-assets-1")
    page = member.get(at(snapshot, "revert/"))
    assert page.status_code == 200
    assert "Not possible now" in text(page)
    monday, sunday = sorted(Snapshot.objects.filter(name__startswith="pg-data"), key=lambda one: one.external_id)
    said = text(member.get(at(monday, "revert/")))
    assert f"A volume goes back to its latest snapshot only, which is {sunday.name}." in said
    assert f'href="{CREATE}?snapshot_id={monday.external_id}"' in said


def test_the_volumes_page_offers_it_for_the_latest_only(member: Client) -> None:
    rows = member.get(at(volume("pg-data-01"))).context["snapshots"]
    assert [bool(row["back"]) for row in rows] == [True, False]
    assert "Detach it first." in str(rows[0]["back"].blocked)
