"""A service user is revoked: once, whoever dies on the way, and only by its owner."""

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.service_users.models import ServiceUser
from tests.unit.deaths import at_each_change
from tests.unit.keystone_fake import Keystone
from tests.unit.servers_cast import ask, go, refused, taken_over
from tests.unit.service_users_browser import LIST, log_in, page
from tests.unit.service_users_cast import CI, join, made, read

pytestmark = pytest.mark.django_db

State = Operation.State
REVOKE = "revoke-service-user"


def test_it_is_revoked_once_wherever_the_worker_dies(keystone: Keystone, visit: Visit) -> None:
    _operation, there = made(visit, **CI)
    operation = ask(visit, REVOKE, external_id=there.row.external_id)

    def judge(operation: Operation) -> None:
        assert operation.state == State.DONE, operation.reason
        assert keystone.credentials == {}
        assert not ServiceUser.objects.exists()

    with at_each_change(keystone, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2


def test_one_that_is_gone_already_is_revoked(keystone: Keystone, visit: Visit) -> None:
    _operation, there = made(visit, **CI)
    keystone.credentials.clear()
    assert go(ask(visit, REVOKE, external_id=there.row.external_id)).state == State.DONE
    assert not ServiceUser.objects.exists()


def test_one_is_revoked_after_a_look_at_what_that_means(client: Client, keystone: Keystone, visit: Visit) -> None:
    log_in(client, visit)
    _operation, mine = made(visit, **CI)
    address = f"{LIST}{mine.row.external_id}/revoke/"
    assert "is refused from now on" in page(client, address)
    assert client.post(address, {"key": "x"}).status_code == 302
    assert go(Operation.objects.get(action="revoke-service-user")).state == "done"
    read(visit)
    assert "No service users yet" in page(client)
    assert client.get(address).status_code == 404


def test_others_are_refused_and_there_is_no_undo(keystone: Keystone, visit: Visit) -> None:
    _operation, mine = made(visit, **CI)
    other = join(visit.tenant, "other")
    assert "only its owner" in refused(other, REVOKE, external_id=mine.row.external_id)[""]
    operation = go(ask(visit, REVOKE, external_id=mine.row.external_id))
    action = ACTIONS[REVOKE]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None
