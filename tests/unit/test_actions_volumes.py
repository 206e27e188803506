"""Changes of volumes and snapshots: each ends in exactly one effect, wherever the worker dies."""

from datetime import timedelta

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Tenant
from projects.operations import sending, turn
from services.block_storage.models import Volume
from services.compute.models import Server
from tests.unit.cinder_fake import ATTACHMENTS, Cinder, snapshot
from tests.unit.clouds_fake import CINDER, NOVA, FakeCloud, volume
from tests.unit.deaths import at_each_change
from tests.unit.nova_fake import Killed
from tests.unit.running import ask, refusals, undo
from tests.unit.servers_cast import go, later, member_of, taken_over
from tests.unit.volumes_cast import ON, VERBS, State, attached, begin, free, inventory, one_effect

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    return Cinder(cloud)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return inventory(cloud)


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    return member_of(tenant)


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit, verb: str) -> None:
    operation = go(begin(cinder, visit, verb))
    one_effect(cinder, operation, verb)
    assert operation.accepted_at is not None
    action = ACTIONS[operation.action]
    params = action.params.model_validate(operation.params)
    assert [step["key"] for step in operation.steps] == [step.key for step in action.steps(params, operation.names)]
    assert all(step["ended"] for step in operation.steps)
    assert action.title(params, operation.names)
    assert action.told(params, operation.names)
    assert "volume-1" not in action.told(params, operation.names)


@pytest.mark.parametrize("verb", VERBS)
def test_wherever_the_worker_dies_there_is_one_effect(cinder: Cinder, visit: Visit, verb: str) -> None:
    operation = begin(cinder, visit, verb)
    with at_each_change(cinder, lambda: one_effect(cinder, go(taken_over(operation)), verb)) as deaths:
        go(operation)
    one_effect(cinder, operation, verb)
    assert len(deaths) >= 2 * len(cinder.done) > 0


def test_a_rename_in_between_is_not_taken_for_a_revert(cinder: Cinder, visit: Visit) -> None:
    operation = ask(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    cinder.kill(3, "before")  # it has written down that it sends, and did not
    go(operation, 1)
    assert operation.memory["reverted_sent_at"]
    cinder.touch(cinder.row())
    assert go(operation).state == State.DONE
    assert cinder.did("revert") == 1


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


def test_a_new_volume_has_all_that_was_asked_for(cinder: Cinder, visit: Visit) -> None:
    wanted = {"name": "pg", "description": "for us", "size_gb": 30, "volume_type": "ssd", "zone": "zone-a"}
    go(ask(visit, "create-volume", **wanted, image_id="image-1"))
    assert cinder.bodies == [
        {
            "name": "pg",
            "description": "for us",
            "size": 30,
            "volume_type": "ssd",
            "availability_zone": "zone-a",
            "imageRef": "image-1",
            "metadata": {"meshdeck-operation": Operation.objects.get().pk},
        }
    ]


def test_a_snapshot_is_forced_only_of_a_volume_in_use(cinder: Cinder, visit: Visit) -> None:
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="one"))
    attached(cinder)
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="two"))
    assert [body.get("force") for body in cinder.bodies] == [None, True]


def test_where_it_is_attached_is_said(cinder: Cinder, visit: Visit) -> None:
    assert go(ask(visit, "attach-volume", **ON)).note == "In use as /dev/vdb"


@pytest.mark.parametrize(
    ("verb", "state", "words"),
    [
        ("create-volume", "error", "north could not make the volume."),
        ("extend-volume", "error_extending", "Ask help@north.example."),
        ("create-snapshot", "error", "could not take the snapshot"),
        ("revert-volume", "error", "could not put the volume back"),
        ("delete-volume", "error_deleting", "Ask help@north.example."),
        ("delete-snapshot", "error_deleting", "could not delete it"),
    ],
)
def test_what_ends_in_an_error_fails_and_says_whom_to_ask(
    cinder: Cinder, visit: Visit, verb: str, state: str, words: str
) -> None:
    cinder.fails_as = state
    operation = go(begin(cinder, visit, verb))
    assert operation.state == State.FAILED
    assert words in operation.reason
    assert operation.note


@pytest.mark.parametrize("verb", ["extend-volume", "delete-volume", "detach-volume"])
def test_what_the_cloud_took_on_and_did_not_do_fails(cinder: Cinder, visit: Visit, verb: str) -> None:
    operation = begin(cinder, visit, verb)
    status, size = cinder.row()["status"], cinder.row()["size"]
    turn.turn(operation.pk)
    cinder.ends.clear()
    cinder.row().update(status=status, size=size)
    operation.refresh_from_db()
    ago = (timezone.now() - timedelta(seconds=90)).isoformat()
    memory = {key: ago if key in ("extend", "delete", "detach") else v for key, v in operation.memory.items()}
    assert memory != operation.memory
    Operation.objects.filter(pk=operation.pk).update(memory=memory)
    go(operation)
    assert operation.state == State.FAILED
    assert "north took it on and did not" in operation.reason


def test_somebody_else_has_deleted_it_already(cinder: Cinder, visit: Visit) -> None:
    free(cinder)
    operation = ask(visit, "delete-volume", volume_id="volume-1")
    cinder.cloud.volumes.clear()
    assert go(operation).state == State.DONE
    assert cinder.did("delete") == 0
    assert not Volume.objects.exists()


class TestTwoPeople:
    """Both edit the same volume: nobody's words are lost."""

    def test_the_second_sees_what_changed(self, cinder: Cinder, visit: Visit) -> None:
        first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1", was_description="")
        second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description="")
        assert go(first).state == State.DONE
        assert go(second).state == State.FAILED
        assert second.code == "changed_meanwhile"
        assert "its name is now “logs”" in second.reason
        assert cinder.row()["name"] == "logs"

    def test_who_asked_later_waits_for_who_asked_earlier(self, cinder: Cinder, visit: Visit) -> None:
        first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
        second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1")
        assert turn.turn(second.pk) == 0.3
        assert cinder.done == []
        go(first)
        assert go(second).state == State.FAILED

    def test_the_form_is_told_too(self, visit: Visit) -> None:
        Volume.objects.update(name="logs", description="of web")
        ((_field, reason),) = refusals(
            visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description=""
        )
        assert reason == "It was changed meanwhile: its name is now “logs”, its description “of web”."

    def test_what_was_written_is_done_whoever_comes_after(self, cinder: Cinder, visit: Visit) -> None:
        operation = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
        cinder.kill(2, "after")  # its PUT
        with pytest.raises(Killed):
            turn.turn(operation.pk)
        cinder.dies_at = None
        later(operation, 30)
        assert go(operation).state == State.DONE
        assert cinder.did("rename") == 1

    def test_one_click_takes_it_back(self, cinder: Cinder, visit: Visit) -> None:
        params = {"name": "logs", "description": "x", "was_name": "data-1", "was_description": ""}
        operation = go(ask(visit, "edit-volume", volume_id="volume-1", **params))
        assert undo(visit, operation).state == State.DONE
        assert (cinder.row()["name"], cinder.row()["description"]) == ("data-1", "")


def test_one_click_takes_attaching_and_detaching_back(cinder: Cinder, visit: Visit) -> None:
    operation = go(ask(visit, "attach-volume", **ON))
    assert undo(visit, operation).state == State.DONE
    assert cinder.row()["attachments"] == []
    assert cinder.done == [("attach", "volume-1"), ("detach", "volume-1")]


def test_a_volume_of_a_server_that_was_deleted_meanwhile_is_detached(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    operation = ask(visit, "detach-volume", **ON)
    turn.turn(operation.pk)
    cinder.cloud.servers.clear()
    assert go(operation).state == State.DONE


def test_two_attach_the_same_volume_and_one_is_told(cinder: Cinder, visit: Visit) -> None:
    Server.objects.filter(external_id="server-2").update(zone="zone-a")
    first = ask(visit, "attach-volume", **ON)
    second = ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")
    turn.turn(first.pk)
    assert go(second).state == State.FAILED
    assert go(first).state == State.DONE
    assert cinder.did("attach") == 1


@pytest.mark.parametrize("verb", ["extend-volume", "delete-volume", "create-snapshot", "revert-volume"])
def test_a_cloud_that_is_away_for_a_moment_changes_nothing_about_that(
    cloud: FakeCloud, cinder: Cinder, visit: Visit, verb: str
) -> None:
    operation, away = begin(cinder, visit, verb), True
    cloud.mock.register_uri(
        requests_mock.ANY,
        requests_mock.ANY,
        additional_matcher=lambda request: away and request.url.startswith(CINDER),
        status_code=503,
    )
    assert turn.turn(operation.pk) is not None
    operation.refresh_from_db()
    assert operation.state == State.RUNNING
    assert cinder.done == []
    away = False
    later(operation, sending.SETTLE.total_seconds() + 1)
    one_effect(cinder, go(operation), verb)


def test_volumes_of_nobody_else_are_touched(cinder: Cinder, visit: Visit) -> None:
    cinder.cloud.volumes.append(volume(2))
    free(cinder)
    go(ask(visit, "delete-volume", volume_id="volume-1"))
    assert cinder.has("volume-2")
    assert not any(NOVA in request.url for request in cinder.cloud.mock.request_history)
