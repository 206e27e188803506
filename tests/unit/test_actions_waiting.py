"""An operation waits as long as its thing is at work, and keeps nobody waiting longer than it has to."""

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role
from projects.operations import asking, turn
from tests.operations_factory import die
from tests.unit import projects_fixtures as rows
from tests.unit.cinder_fake import ATTACHMENTS, Cinder
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import TASK
from tests.unit.running import go

pytestmark = pytest.mark.django_db

State = Operation.State
ON = {"volume_id": "volume-1", "server_id": "server-1"}


@pytest.fixture
def cinder(requests_mock: requests_mock.Mocker) -> Cinder:
    made = Cinder(FakeCloud(requests_mock))
    made.attach()
    return made


@pytest.fixture
def visit(cinder: Cinder) -> Visit:
    tenant = rows.make_tenant(rows.make_location(cloud=cinder.cloud))
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def ask(visit: Visit, name: str, params: dict[str, Any]) -> Operation:
    """Asks for it, whatever the inventory says to it."""
    action = ACTIONS[name]
    wanted = action.params.model_validate(params)
    return asking.ask(visit, visit.user.grants.get().pk, action, wanted, checked=True)


def refuse(cinder: Cinder, *, always: bool = False) -> dict[str, Any]:
    """Nova detaches nothing while server-1 is at work, which it is; or never. The server's row."""
    server = cinder.cloud.servers[0]
    server[TASK] = None if always else "image_uploading"

    def answer(request: Any, context: Any) -> str:
        if not always and not server[TASK]:
            return cinder._detach(request, context)
        context.status_code = 409
        return '{"conflictingRequest": {"code": 409, "message": "Cannot do that while it is in task_state"}}'

    cinder.cloud.mock.delete(ATTACHMENTS, status_code=202, text=answer)
    return server


def test_a_volume_is_detached_when_the_server_has_ended_its_work(cinder: Cinder, visit: Visit) -> None:
    server = refuse(cinder)
    operation = go(ask(visit, "detach-volume", ON), turns=10)
    assert operation.state == State.RUNNING
    assert "image uploading" in operation.note
    server[TASK] = None
    assert go(operation).state == State.DONE
    assert cinder.did("detach") == 1


def test_the_actions_patience_ends_that(cinder: Cinder, visit: Visit) -> None:
    refuse(cinder)
    operation = go(ask(visit, "detach-volume", ON), turns=10)
    Operation.objects.filter(pk=operation.pk).update(asked_at=timezone.now() - timedelta(minutes=11))
    assert (go(operation).state, operation.code) == (State.FAILED, "too_slow")
    assert "image uploading" in operation.reason


def test_a_server_that_is_at_nothing_and_refuses_all_the_same_is_not_waited_for(cinder: Cinder, visit: Visit) -> None:
    refuse(cinder, always=True)
    assert (go(ask(visit, "detach-volume", ON), turns=10).state) == State.FAILED


def test_a_server_that_is_deleted_meanwhile_frees_its_volume(cinder: Cinder, visit: Visit) -> None:
    def gone(_request: Any, context: Any) -> str:
        cinder.cloud.servers.clear()
        cinder.row().update(status="available", attachments=[])
        context.status_code = 409
        return "{}"

    cinder.cloud.mock.delete(ATTACHMENTS, text=gone)
    assert go(ask(visit, "detach-volume", ON), turns=10).state == State.DONE


def test_a_detaching_that_has_ended_by_itself_gives_the_place_at_the_volume_back(cinder: Cinder, visit: Visit) -> None:
    cinder.looks = 5
    operation = ask(visit, "detach-again", ON)
    die(operation, place="volume-1", record="", rolled_sent_at=timezone.now().isoformat())
    turn.turn(operation.pk)
    operation.refresh_from_db()
    assert operation.is_open
    assert operation.memory["place"] is None


def test_a_decision_that_has_begun_gives_the_place_at_the_server_back(cinder: Cinder, visit: Visit) -> None:
    cinder.cloud.servers[0].update(status="REVERT_RESIZE", **{TASK: "resize_reverting"})
    operation = ask(visit, "revert-resize", {"server_id": "server-1"})
    die(operation, flavor=[], record=[], place="server-1", sent_sent_at=timezone.now().isoformat())
    turn.turn(operation.pk)
    operation.refresh_from_db()
    assert operation.is_open
    assert operation.memory["place"] is None
