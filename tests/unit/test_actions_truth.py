"""An operation on a server ends in what is true of it: also when the cloud failed late, or somebody came since."""

import pytest
import requests_mock

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.compute.models import Server
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import FLAVORS, TASK, Killed, Nova
from tests.unit.servers_cast import ask, go, inventory, later, member_of

pytestmark = pytest.mark.django_db

State = Operation.State
DECISIONS = [("confirm-resize", "confirmResize", "flavor-2"), ("revert-resize", "revertResize", "flavor-1")]


@pytest.fixture
def nova(requests_mock: requests_mock.Mocker) -> Nova:
    return Nova(FakeCloud(requests_mock))


@pytest.fixture
def visit(nova: Nova) -> Visit:
    return member_of(inventory(nova.cloud))


@pytest.fixture
def resized(nova: Nova, visit: Visit) -> Nova:
    """server-1 waits for a decision."""
    assert go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2")).state == State.DONE
    return nova


def decided(nova: Nova, visit: Visit, verb: str, word: str, flavor: str) -> Operation:
    """Return the cloud has taken the decision on, and the server is in the flavor that it would have at its end."""
    operation = ask(visit, verb, server_id="server-1")
    while not nova.did(word):
        turn.turn(operation.pk)
    nova.ends.clear()
    nova.row().update(status="ACTIVE", flavor=FLAVORS[flavor], **{TASK: None})
    return operation


@pytest.mark.parametrize(("verb", "word", "flavor"), DECISIONS)
def test_a_decision_that_left_the_server_in_an_error_has_failed(
    resized: Nova, visit: Visit, verb: str, word: str, flavor: str
) -> None:
    operation = decided(resized, visit, verb, word, flavor)
    resized.row().update(status="ERROR", fault={"code": 500, "message": "No such instance on the host."})
    assert go(operation).state == State.FAILED
    assert "in an error" in operation.reason
    assert operation.detail == "No such instance on the host."


@pytest.mark.parametrize(("verb", "word", "flavor"), DECISIONS)
def test_a_decision_that_failed_by_the_clouds_record_has_failed(
    resized: Nova, visit: Visit, verb: str, word: str, flavor: str
) -> None:
    operation = decided(resized, visit, verb, word, flavor)
    resized.record["server-1"][0] |= {"message": "Error"}
    assert go(operation).state == State.FAILED
    assert "failed at it" in operation.reason


@pytest.mark.parametrize(("verb", "word", "flavor"), DECISIONS)
def test_a_decision_that_went_well_is_done(resized: Nova, visit: Visit, verb: str, word: str, flavor: str) -> None:
    assert go(decided(resized, visit, verb, word, flavor)).state == State.DONE


def test_a_server_that_was_renamed_again_was_renamed_all_the_same(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "rename-server", server_id="server-1", name="db-01", was_name="web-01")
    change = nova.row().update
    nova.before_look = lambda: change(name="cache-01") if nova.did("rename") else None
    assert go(operation).state == State.DONE
    assert "called “cache-01” now" in operation.note
    assert nova.did("rename") == 1


def test_a_rename_of_which_nobody_knows_does_not_say_that_it_did_nothing(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "rename-server", server_id="server-1", name="db-01", was_name="web-01")
    nova.kill(nova.requests + 2, "after")
    with pytest.raises(Killed):
        turn.turn(operation.pk)
    later(operation, 30)
    nova.row().update(name="cache-01")
    assert go(operation).state == State.FAILED
    assert "cache-01" in operation.reason
    assert "Nothing was changed" not in operation.reason


@pytest.mark.parametrize(
    ("verb", "word", "locked"), [("lock-server", "lock", False), ("unlock-server", "unlock", True)]
)
def test_two_people_who_lock_and_unlock_do_not_fight(
    nova: Nova, visit: Visit, verb: str, word: str, locked: bool
) -> None:
    nova.row()["locked"] = locked
    Server.objects.filter(external_id="server-1").update(locked=locked)
    operation = ask(visit, verb, server_id="server-1")
    nova.before_look = lambda: nova.row().update(locked=locked)  # the other one is faster each time
    assert go(operation).state == State.DONE
    assert "since" in operation.note
    assert nova.did(word) == 1
