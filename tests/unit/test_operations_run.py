"""An operation's way to its end: exactly one effect, whatever the cloud answers and whoever dies on the way."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
import requests
import requests_mock
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role, Tenant
from projects.operations import asking, claims, sending, turn
from projects.tasks import run_operation, sweep
from services.block_storage.models import Volume
from services.block_storage.volumes.create_volume import Params
from services.openstack import tokens
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import CINDER, KEYSTONE, FakeCloud, volume

pytestmark = pytest.mark.django_db

WANTED = Params(name="pg-data", size_gb=20)
CREATE = ACTIONS["create-volume"]


class Cinder:
    """The part of cinder that makes volumes; a new one is ready at the second look."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.looked: dict[str, int] = {}
        cloud.mock.post(f"{CINDER}/volumes", json=self._create, status_code=202)
        cloud.mock.get(requests_mock.ANY, additional_matcher=self._is_one, json=self._show)

    @staticmethod
    def _is_one(request: Any) -> bool:
        return request.url.startswith(f"{CINDER}/volumes/made-")

    def made(self, mark: str) -> dict[str, Any]:
        """Return what a volume with this mark looks like; it is there from now on."""
        row = volume(1) | {
            "id": f"made-{len(self.cloud.volumes)}",
            "name": "pg-data",
            "status": "creating",
            "attachments": [],
            "metadata": {"meshdeck-operation": mark},
        }
        self.cloud.volumes.append(row)
        return row

    def _create(self, request: Any, _context: Any) -> Any:
        return {"volume": self.made(request.json()["volume"]["metadata"]["meshdeck-operation"])}

    def _show(self, request: Any, _context: Any) -> Any:
        row = next(one for one in self.cloud.volumes if request.url.endswith(one["id"]))
        self.looked[row["id"]] = self.looked.get(row["id"], 0) + 1
        if self.looked[row["id"]] > 1:
            row["status"] = "available"
        return {"volume": row}

    @property
    def marked(self) -> list[str]:
        """Marks of the volumes that operations made."""
        found = [one["metadata"].get("meshdeck-operation") for one in self.cloud.volumes]
        return [mark for mark in found if mark]


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    return Cinder(cloud)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    return rows.make_tenant(rows.make_location(cloud=cloud))


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    user = rows.make_user()
    rows.make_member(user, tenant)
    return Visit(user, tenant, Role.MEMBER)


@pytest.fixture
def operation(visit: Visit) -> Operation:
    return asking.ask(visit, rows.make_grant(visit.user).pk, CREATE, WANTED)


def go(operation: Operation, turns: int = 20) -> Operation:
    """Return what workers do, without the waiting."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        if turn.turn(operation.pk) is None:
            break
    operation.refresh_from_db()
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what the operation remembers to have sent, and for its claim."""
    operation.refresh_from_db()
    memory = {
        key: (
            (datetime.fromisoformat(value) - timedelta(seconds=seconds)).isoformat()
            if key.endswith("_at") and value
            else value
        )
        for key, value in operation.memory.items()
    }
    claimed_at = operation.claimed_at - timedelta(seconds=seconds) if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def test_it_is_done_when_the_cloud_says_so(cinder: Cinder, operation: Operation) -> None:
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]
    assert [step["key"] for step in operation.steps] == ["create", "see"]
    assert all(step["ended"] for step in operation.steps)
    assert operation.accepted_at is not None
    assert operation.ended_at is not None
    assert Volume.objects.get(name="pg-data").status == "available"
    assert operation.targets.get().external_id == Volume.objects.get(name="pg-data").external_id


def test_each_call_carries_the_request_id_of_the_operation(
    cloud: FakeCloud, cinder: Cinder, operation: Operation
) -> None:
    go(operation)
    mine = [one for one in cloud.mock.request_history if one.url.startswith(CINDER)]
    assert {one.headers["X-Openstack-Request-Id"] for one in mine} == {operation.request_id}


def test_a_first_try_does_not_look_for_what_can_not_be_there(
    cloud: FakeCloud, cinder: Cinder, operation: Operation
) -> None:
    turn.turn(operation.pk)
    assert [one.method for one in cloud.mock.request_history if one.url.startswith(CINDER)] == ["POST", "GET"]


def test_a_second_delivery_finds_nothing_to_do(cinder: Cinder, operation: Operation) -> None:
    assert claims.take(operation.pk) is not None
    assert turn.turn(operation.pk) is None
    assert cinder.marked == []


def test_a_worker_that_died_after_sending_is_followed_by_one_that_looks_first(
    cinder: Cinder, operation: Operation
) -> None:
    mine = claims.take(operation.pk)
    assert mine is not None
    claims.write(mine, memory={"volume_id_sent_at": timezone.now().isoformat()})
    cinder.made(operation.pk)  # and then kill -9, before the answer was written down
    later(operation, claims.LEASE.total_seconds() + 1)

    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


def test_what_was_sent_and_never_arrived_is_sent_again_when_it_can_not_arrive_any_more(
    cinder: Cinder, operation: Operation
) -> None:
    mine = claims.take(operation.pk)
    assert mine is not None
    claims.write(mine, memory={"volume_id_sent_at": timezone.now().isoformat()}, claimed_at=None)
    Operation.objects.filter(pk=operation.pk).update(claimed_at=None)

    assert turn.turn(operation.pk) == 2
    assert cinder.marked == []
    later(operation, sending.SETTLE.total_seconds() + 1)
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


def test_a_worker_that_was_overtaken_writes_nothing_more(cinder: Cinder, operation: Operation) -> None:
    slow = claims.take(operation.pk)
    assert slow is not None
    later(operation, claims.LEASE.total_seconds() + 1)
    go(operation)
    with pytest.raises(claims.OvertakenError):
        claims.write(slow, state=Operation.State.FAILED)
    operation.refresh_from_db()
    assert operation.state == Operation.State.DONE


def test_a_worker_that_was_overtaken_does_not_write_over_the_next_one(operation: Operation) -> None:
    slow = claims.take(operation.pk)
    assert slow is not None
    later(operation, claims.LEASE.total_seconds() + 1)
    next_one = claims.take(operation.pk)
    assert next_one is not None
    with pytest.raises(claims.OvertakenError):
        claims.write(slow, memory={"volume_id": "of-the-slow-one"})
    claims.write(next_one, memory={"volume_id": "of-the-next-one"})
    operation.refresh_from_db()
    assert operation.memory == {"volume_id": "of-the-next-one"}


def test_the_line_is_cut_after_the_work_was_done(cloud: FakeCloud, cinder: Cinder, operation: Operation) -> None:
    def cut(request: Any, _context: Any) -> Any:
        cinder.made(request.json()["volume"]["metadata"]["meshdeck-operation"])
        raise requests.exceptions.ConnectionError

    cloud.mock.post(f"{CINDER}/volumes", json=cut)
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ({"status_code": 400, "json": {"badRequest": {"message": "Invalid type", "code": 400}}}, "invalid", "invalid"),
        ({"status_code": 403}, "forbidden", "Ask an admin"),
        ({"status_code": 404}, "not_found", "no longer there"),
        (
            {"status_code": 413, "json": {"overLimit": {"message": "Quota exceeded", "code": 413}}},
            "quota_exceeded",
            "limit",
        ),
    ],
)
def test_what_the_cloud_refuses_for_good_fails_at_once(
    cloud: FakeCloud, cinder: Cinder, operation: Operation, answer: dict[str, Any], code: str, words: str
) -> None:
    cloud.mock.post(f"{CINDER}/volumes", **answer)
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, code)
    assert words in operation.reason
    assert operation.note == "Nothing was made."
    assert operation.attempts == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 409, "json": {"conflict": {"message": "busy", "code": 409}}},
        {"status_code": 429, "headers": {"Retry-After": "3"}},
    ],
)
def test_what_passes_is_waited_for(
    cloud: FakeCloud, cinder: Cinder, operation: Operation, answer: dict[str, Any]
) -> None:
    working = {"json": cinder._create, "status_code": 202}
    cloud.mock.post(f"{CINDER}/volumes", [answer, working])
    seconds = turn.turn(operation.pk)
    assert seconds is not None
    assert seconds == 3 if answer["status_code"] == 429 else seconds < 2
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 500},
        {"status_code": 503},
        {"exc": requests.exceptions.ReadTimeout},
        {"exc": requests.exceptions.ConnectTimeout},
        {"text": "<html>", "status_code": 202},
    ],
)
def test_an_outage_is_waited_for_and_then_the_work_is_done_once(
    cloud: FakeCloud, cinder: Cinder, operation: Operation, answer: dict[str, Any]
) -> None:
    cloud.mock.post(f"{CINDER}/volumes", [answer, {"json": cinder._create, "status_code": 202}])
    assert turn.turn(operation.pk) is not None
    operation.refresh_from_db()
    assert operation.state == Operation.State.RUNNING
    assert operation.note
    later(operation, sending.SETTLE.total_seconds() + 1)
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


def test_an_outage_without_end_fails_and_says_so(cloud: FakeCloud, cinder: Cinder, operation: Operation) -> None:
    cloud.mock.post(f"{CINDER}/volumes", status_code=503)
    cloud.mock.get(f"{CINDER}/volumes/detail", status_code=503)
    turn.turn(operation.pk)
    operation.refresh_from_db()
    memory = operation.memory | {"_fault_since": (timezone.now() - timedelta(minutes=4)).isoformat()}
    Operation.objects.filter(pk=operation.pk).update(memory=memory)
    go(operation)
    assert operation.state == Operation.State.FAILED
    assert "tried for 3 minutes" in operation.reason


def test_a_token_that_ended_is_replaced_and_the_work_is_done_once(
    cloud: FakeCloud, cinder: Cinder, operation: Operation
) -> None:
    cloud.mock.post(f"{CINDER}/volumes", [{"status_code": 401}, {"json": cinder._create, "status_code": 202}])
    tokens.fetch(operation.tenant, operation.grant)  # kept, as an earlier refresh left it
    go(operation)
    assert operation.state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


def test_a_login_that_is_refused_for_good_fails(cloud: FakeCloud, cinder: Cinder, operation: Operation) -> None:
    cloud.mock.post(f"{CINDER}/volumes", status_code=401)
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "unauthorized")


def test_a_project_that_lets_nobody_in_is_told_from_a_login_that_is_refused(
    cloud: FakeCloud, cinder: Cinder, operation: Operation
) -> None:
    """Keystone says 401 of a project that was disabled, too."""
    cloud.mock.post(f"{KEYSTONE}/auth/tokens", status_code=401, json={"error": {"message": "Unauthorized"}})
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "not_admitted")
    assert "The project may have been disabled" in operation.reason
    assert "Log in again" not in operation.reason
    assert cinder.marked == []


def test_a_login_that_ended_is_followed_by_another_of_the_same_person(
    cinder: Cinder, operation: Operation, visit: Visit
) -> None:
    visit.user.grants.update(ended_at=timezone.now())
    rows.make_grant(visit.user)
    go(operation)
    assert operation.state == Operation.State.DONE


def test_without_any_login_it_fails_and_says_so(cinder: Cinder, operation: Operation, visit: Visit) -> None:
    visit.user.grants.update(ended_at=timezone.now())
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "session_ended")
    assert cinder.marked == []


def test_a_volume_that_ends_in_an_error_fails_the_operation(cinder: Cinder, operation: Operation) -> None:
    turn.turn(operation.pk)
    cinder.cloud.volumes[-1]["status"] = "error"
    cinder.looked.clear()
    go(operation)
    assert operation.state == Operation.State.FAILED
    assert operation.note == "The volume pg-data was made and is kept."


def test_it_is_cancelled_before_anybody_began(cinder: Cinder, operation: Operation, visit: Visit) -> None:
    assert asking.cancel(visit, operation)
    go(operation)
    assert operation.state == Operation.State.CANCELLED
    assert operation.cancelled_by == visit.user
    assert cinder.marked == []


def test_it_is_cancelled_before_its_next_step_and_says_what_stays(
    cinder: Cinder, operation: Operation, visit: Visit
) -> None:
    turn.turn(operation.pk)
    assert asking.cancel(visit, operation)
    go(operation)
    assert operation.state == Operation.State.CANCELLED
    assert operation.note == "The volume pg-data was made and is kept."
    assert not asking.cancel(visit, operation)


def test_patience_ends(cinder: Cinder, operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(asked_at=timezone.now() - CREATE.patience)
    go(operation)
    assert (operation.state, operation.code) == (Operation.State.FAILED, "too_slow")


def test_the_sweeper_tells_workers_of_what_nobody_is_at(operation: Operation, settings: Any) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)

    def told() -> int:
        return sum(operation.pk in json.dumps(json.loads(one)["headers"]) for one in client.lrange("celery", 0, -1))

    sweep()
    assert told() == 0  # its own message may still be on the way
    Operation.objects.filter(pk=operation.pk).update(sent_at=timezone.now() - asking.RESEND)
    sweep()
    sweep()
    assert told() == 1
    claims.take(operation.pk)
    sweep()
    assert told() == 1
    later(operation, claims.LEASE.total_seconds() + 1)
    sweep()
    assert told() == 2


def test_the_same_key_is_the_same_operation(visit: Visit) -> None:
    grant = rows.make_grant(visit.user).pk
    first = asking.ask(visit, grant, CREATE, WANTED, key="double-click")
    assert asking.ask(visit, grant, CREATE, WANTED, key="double-click") == first
    with pytest.raises(asking.KeyReusedError):
        asking.ask(visit, grant, CREATE, Params(name="other", size_gb=1), key="double-click")
    assert asking.ask(visit, grant, CREATE, WANTED, key="another") != first


def test_a_reader_may_not_ask_nor_cancel(visit: Visit, operation: Operation) -> None:
    reader = Visit(visit.user, visit.tenant, Role.READER)
    with pytest.raises(PermissionDenied):
        asking.ask(reader, operation.grant, CREATE, WANTED)
    with pytest.raises(PermissionDenied):
        asking.cancel(reader, operation)


def test_the_log_keeps_its_rows(operation: Operation) -> None:
    with pytest.raises(TypeError):
        operation.delete()


def test_an_exception_that_nobody_expected_ends_it_with_a_word(operation: Operation) -> None:
    turn.broke(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.code) == (Operation.State.FAILED, "broken")
    assert operation.pk in operation.reason


def test_an_exception_of_a_turn_ends_what_it_was_at(cloud: FakeCloud, operation: Operation) -> None:
    cloud.mock.post(f"{CINDER}/volumes", exc=ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        run_operation(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.code) == (Operation.State.FAILED, "broken")


def test_an_exception_ends_nothing_that_another_worker_is_at(cloud: FakeCloud, operation: Operation) -> None:
    def answer(_request: Any, _context: Any) -> Any:
        Operation.objects.filter(pk=operation.pk).update(claimed_at=timezone.now())
        raise ZeroDivisionError

    cloud.mock.post(f"{CINDER}/volumes", json=answer)
    with pytest.raises(ZeroDivisionError):
        run_operation(operation.pk)
    operation.refresh_from_db()
    assert operation.state == Operation.State.RUNNING


@pytest.mark.parametrize("trouble", [OperationalError, redis.ConnectionError, SoftTimeLimitExceeded])
def test_a_trouble_of_our_own_that_passes_ends_nothing(
    requests_mock: requests_mock.Mocker, operation: Operation, trouble: type[Exception]
) -> None:
    cloud = FakeCloud(requests_mock)
    Cinder(cloud)
    cloud.mock.post(f"{CINDER}/volumes", exc=trouble)
    run_operation(operation.pk)
    operation.refresh_from_db()
    assert operation.state == Operation.State.RUNNING
    cinder = Cinder(cloud)
    later(operation, sending.SETTLE.total_seconds() + 1)
    assert go(operation).state == Operation.State.DONE
    assert cinder.marked == [operation.pk]


def test_a_no_for_now_after_an_outage_is_waited_for(cloud: FakeCloud, cinder: Cinder, operation: Operation) -> None:
    found = re.compile(rf"^{re.escape(CINDER)}/volumes/made-")
    outage = [{"status_code": 503}] * 5
    cloud.mock.get(found, [*outage, {"status_code": 409}, {"status_code": 500}])
    go(operation, 6)
    operation.refresh_from_db()
    assert operation.state == Operation.State.RUNNING
    assert operation.memory["_faults"] == 1


def test_how_long_people_wait_is_measured(cinder: Cinder, operation: Operation, client: Client) -> None:
    go(operation)
    text = client.get("/metrics").text
    assert 'meshdeck_operations_total{action="create-volume",ending="done"} 1.0' in text
    for until in ("accepted", "done"):
        assert f'meshdeck_operation_seconds_count{{action="create-volume",until="{until}"}} 1.0' in text


def test_what_is_logged_on_the_way_carries_the_operations_id(cloud: FakeCloud, operation: Operation) -> None:
    carried: list[object] = []

    def answer(_request: Any, _context: Any) -> Any:
        carried.append(structlog.contextvars.get_contextvars().get("operation"))
        return {}

    cloud.mock.post(f"{CINDER}/volumes", json=answer, status_code=500)
    run_operation(operation.pk)
    assert carried == [operation.pk]
    assert "operation" not in structlog.contextvars.get_contextvars()
