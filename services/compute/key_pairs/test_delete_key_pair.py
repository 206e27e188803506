"""Delete a key pair: one effect and no undo, and its page, for its owner only."""

from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.compute.models import KeyPair
from tests import factories
from tests.unit.deaths import at_each_change
from tests.unit.key_pairs_cast import PUBLIC, Keys, ask, go, taken_over

pytestmark = pytest.mark.django_db


def test_it_is_deleted_once_wherever_the_worker_dies(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = PUBLIC
    operation = ask(visit, "delete-key-pair", name="desk")

    def judge(operation: Operation) -> None:
        assert operation.state == Operation.State.DONE, operation.reason
        assert keys.done == ["delete"]
        assert not KeyPair.objects.filter(name="desk").exists()

    with at_each_change(keys, lambda: judge(go(taken_over(operation)))) as deaths:
        go(operation)
    judge(operation)
    assert len(deaths) >= 2


def test_one_that_was_made_since_under_the_name_is_not_deleted(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = "ssh-ed25519 NEWER"
    operation = go(ask(visit, "delete-key-pair", name="desk", fingerprint="of OLDR"))
    assert operation.state == Operation.State.DONE
    assert "is kept" in operation.note
    assert keys.done == []


def test_deleting_says_what_stays_and_only_the_owner_can(cast: factories.Cast, grant: UUID, client: Client) -> None:
    pair = factories.key_pair(cast.atlas, "admin", "ops")
    url = "/atlas@north/key-pairs/ops/delete/"
    assert client.get(url).status_code == 404
    assert client.post(url, {"key": "k"}).status_code == 404
    mine = "/atlas@north/key-pairs/member-laptop/delete/"
    page = client.get(mine).content.decode()
    assert "servers here were made with it" in page
    assert client.post(mine, {"key": "k"}).status_code == 302
    operation = Operation.objects.get()
    assert operation.params["name"] == "member-laptop"
    assert operation.params["fingerprint"]
    assert KeyPair.objects.filter(pk=pair.pk).exists()


def test_there_is_no_undo(keys: Keys, visit: Visit) -> None:
    keys.there["desk"] = PUBLIC
    operation = go(ask(visit, "delete-key-pair", name="desk"))
    assert operation.state == Operation.State.DONE, operation.reason
    action = ACTIONS[operation.action]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None
