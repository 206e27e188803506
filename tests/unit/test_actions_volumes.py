"""All changes of volumes and snapshots: each has exactly one effect, wherever the worker dies, and fails in words.

What is one action's own is tested beside it (services/block_storage).
"""

from datetime import timedelta

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation, Tenant
from projects.operations import sending, turn
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import CINDER, FakeCloud
from tests.unit.deaths import at_each_change
from tests.unit.servers_cast import go, later, member_of, taken_over
from tests.unit.volumes_cast import VERBS, State, begin, inventory, one_effect

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
def test_wherever_the_worker_dies_there_is_one_effect(cinder: Cinder, visit: Visit, verb: str) -> None:
    operation = begin(cinder, visit, verb)
    with at_each_change(cinder, lambda: one_effect(cinder, go(taken_over(operation)), verb)) as deaths:
        go(operation)
    one_effect(cinder, operation, verb)
    assert len(deaths) >= 2 * len(cinder.done) > 0


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
