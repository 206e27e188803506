"""A service user is rotated: one effect, and the old one ends when it was said, whoever dies on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations import turn
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser
from tests.unit.deaths import at_each_change
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import ask, go, later, refused, taken_over
from tests.unit.service_users_cast import CI, ENDS, join, made, overdue, take, until_ready

pytestmark = pytest.mark.django_db

State = Operation.State
CREATE, ROTATE, REVOKE = "create-service-user", "rotate-service-user", "revoke-service-user"


def test_a_rotation_makes_another_that_may_the_same_and_the_old_one_works_for_an_hour(
    keystone: Keystone, visit: Visit
) -> None:
    _first, old = made(visit, **CI, roles=["reader"])
    operation, new = made(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=60)
    assert set(keystone.credentials) == {old.row.external_id, new.row.external_id}
    assert keystone.credentials[new.row.external_id]["name"] == f"ci-deploy.{operation.pk}"
    assert new.secret != old.secret
    rows_ = {row.external_id: row for row in ServiceUser.objects.all()}
    before, after = rows_[old.row.external_id], rows_[new.row.external_id]
    assert (after.label, after.description, after.roles) == ("ci-deploy", "Pipeline of the shop", ["reader"])
    assert after.made_at == before.made_at
    assert after.rotated_at is not None
    assert before.ends_at is not None
    assert timedelta(minutes=59) < before.ends_at - timezone.now() < timedelta(minutes=61)
    assert "taken its place" in refused(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS)[""]


def test_a_rotation_without_an_overlap_ends_the_old_one_at_once(keystone: Keystone, visit: Visit) -> None:
    _first, old = made(visit, **CI)
    _operation, new = made(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=0)
    assert list(keystone.credentials) == [new.row.external_id]
    assert ServiceUser.objects.get().external_id == new.row.external_id


@pytest.mark.parametrize(("overlap", "minutes"), [(0, 2), (60, 60)])
def test_the_old_one_has_an_end_as_soon_as_the_new_one_was_taken(
    keystone: Keystone, visit: Visit, overlap: int, minutes: int
) -> None:
    _first, old = made(visit, **CI)
    operation = ask(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=overlap)
    until_ready(operation)
    assert take(visit, operation) is not None
    rotate = ACTIONS[ROTATE]
    stands = rotate.stands(operation, rotate.params.model_validate(operation.params))
    assert stands.startswith("The old one ends at the time that Service users shows. The new secret was handed over")
    left = ServiceUser.objects.get(external_id=old.row.external_id)
    assert left.ends_at is not None
    assert abs(left.ends_at - timezone.now() - timedelta(minutes=minutes)) < timedelta(seconds=30)


def test_who_took_it_does_not_wait_for_the_operation_to_look_again(keystone: Keystone, visit: Visit) -> None:
    _first, old = made(visit, **CI)
    operation = ask(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=0)
    until_ready(operation)
    turn.turn(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now() + timedelta(minutes=1))
    assert take(visit, operation) is not None
    turn.turn(operation.pk)
    operation.refresh_from_db()
    assert operation.state == State.DONE


def test_a_rotation_that_nobody_takes_leaves_the_old_one_as_it_was(keystone: Keystone, visit: Visit) -> None:
    _first, old = made(visit, **CI)
    operation = ask(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=0)
    until_ready(operation)
    overdue(operation)
    go(operation, turns=2)
    later(operation, 6)
    operation = go(operation)
    assert operation.state == State.FAILED
    assert operation.note == "The old one is as it was. It is gone from the cloud."
    assert list(keystone.credentials) == [old.row.external_id]
    assert ServiceUser.objects.get().ends_at is None


@pytest.mark.parametrize("overlap", [0, 60])
def test_wherever_a_worker_dies_a_rotation_ends_with_one_new_one(
    keystone: Keystone, visit: Visit, overlap: int
) -> None:
    _first, old = made(visit, **CI)
    operation = ask(visit, ROTATE, external_id=old.row.external_id, expires_at=ENDS, overlap_minutes=overlap)
    credentials: list[Credential] = []

    def until_taken(operation: Operation) -> None:
        go(operation, turns=10)
        new = take(visit, operation)
        assert new is not None
        credentials.append(new)

    def judge(operation: Operation) -> None:
        operation, new = go(operation), credentials[-1]
        assert operation.state == State.DONE, operation.reason
        assert keystone.secrets[new.row.external_id] == new.secret
        assert set(keystone.credentials) == {new.row.external_id, *([old.row.external_id] if overlap else [])}

    def follow() -> None:
        another = taken_over(operation)
        if not credentials:
            until_taken(another)
            judge(another)
            credentials.clear()
        else:
            judge(another)  # the browser has it already

    with at_each_change(keystone, follow) as deaths:
        until_taken(operation)
        judge(operation)
    assert len(deaths) == (2 if overlap else 4)  # making the new one, and ending the old one


def test_another_persons_can_not_be_rotated_nor_revoked(keystone: Keystone, visit: Visit) -> None:
    _operation, mine = made(visit, **CI)
    other = join(visit.tenant, "other")
    for name in (ROTATE, REVOKE):
        params = {"external_id": mine.row.external_id} | ({"expires_at": ENDS} if name == ROTATE else {})
        assert "only its owner" in refused(other, name, **params)[""]
    # Also not by the cloud, should our rows be wrong.
    ServiceUser.objects.update(owner=other.user)
    keystone.credentials[mine.row.external_id]["user_id"] = "somebody-else"
    operation = go(ask(other, REVOKE, external_id=mine.row.external_id))
    assert operation.state == State.FAILED
    assert list(keystone.credentials) == [mine.row.external_id]


def test_one_of_another_project_is_not_touched_from_here(keystone: Keystone, visit: Visit) -> None:
    elsewhere = keystone.add("theirs", project_id="another-project")
    now = timezone.now()
    ServiceUser.objects.create(
        tenant=visit.tenant,
        owner=visit.user,
        external_id=elsewhere,
        name="theirs",
        label="theirs",
        first_seen_at=now,
        changed_at=now,
    )
    for name, more in ((REVOKE, {}), (ROTATE, {"expires_at": ENDS})):
        operation = go(ask(visit, name, external_id=elsewhere, **more))
        assert (operation.state, operation.code) == (State.FAILED, "not_mine")
    assert list(keystone.credentials) == [elsewhere]
