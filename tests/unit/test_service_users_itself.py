"""What Meshdeck ends by itself stands in the project's audit log: once, with why, whoever dies on the way."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Location, Operation, Role
from projects.operations import turn
from services.service_users import tasks
from services.service_users.models import ServiceUser
from tests.unit.clouds_fake import FakeCloud
from tests.unit.keystone_fake import Keystone
from tests.unit.keystone_users import ACCOUNT, DOMAIN, PASSWORD, KeystoneUsers
from tests.unit.nova_fake import Killed
from tests.unit.servers_cast import ask
from tests.unit.service_users_browser import log_in
from tests.unit.service_users_cast import CI, join, made, member_of, read

pytestmark = pytest.mark.django_db

State = Operation.State
USER: dict[str, Any] = CI | {"kind": "keystone-user"}
OVER = "Ended service user ci-deploy, as its time was over"
REPLACED = "Ended the old secret of ci-deploy, as the new one has taken its place"
LOST = "Ended service user ci-deploy, as nobody had its secret"
OPERATIONS = "/atlas@north/operations/"


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    return FakeCloud(requests_mock)


@pytest.fixture
def keystone(cloud: FakeCloud, settings: Any) -> KeystoneUsers:
    settings.ACCOUNT_PASSWORDS = {"north": PASSWORD}
    return KeystoneUsers(cloud)


@pytest.fixture
def visit(keystone: KeystoneUsers) -> Visit:
    visit = member_of(keystone)
    Location.objects.update(account_name=ACCOUNT, account_domain=DOMAIN)
    visit.tenant.location.refresh_from_db()
    return visit


def over(visit: Visit) -> None:
    """Return a user whose time is over."""
    made(visit, **USER)
    ServiceUser.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def replaced(visit: Visit) -> None:
    """One in whose place there is another, that nobody waits for any more."""
    made(visit, **USER)
    ServiceUser.objects.update(ends_at=timezone.now())


def lost(visit: Visit) -> None:
    """One of an operation that a fault of ours ended in the middle."""
    operation = ask(visit, "create-service-user", **USER)
    turn.turn(operation.pk)
    turn.broke(operation.pk)
    Operation.objects.update(ended_at=timezone.now() - timedelta(minutes=1))


CASES = pytest.mark.parametrize(("leave", "said"), [(over, OVER), (replaced, REPLACED), (lost, LOST)])


def ends() -> list[Operation]:
    return list(Operation.objects.filter(user=None))


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(f"{OPERATIONS}?format=json&{query}").getvalue())
    return found


@CASES
def test_it_is_told_once_with_why_and_by_whom(
    client: Client, keystone: KeystoneUsers, visit: Visit, leave: Callable[[Visit], None], said: str
) -> None:
    leave(visit)
    maker = Operation.objects.get()
    (gone,) = keystone.users
    keystone.request_ids.clear()
    visit.user.grants.update(ended_at=timezone.now())
    version = visit.tenant.version
    for _ in range(3):
        tasks.sweep()
    assert keystone.users == {}
    (operation,) = ends()
    assert (operation.state, operation.via, operation.grant) == (State.DONE, "itself", None)
    assert operation.params["made_by"] == maker.pk
    assert operation.request_id in keystone.request_ids
    visit.tenant.refresh_from_db()
    assert visit.tenant.version > version

    visit.user.grants.update(ended_at=None)
    log_in(client, join(visit.tenant, "reader", Role.READER))
    (told,) = listed(client, "by=Meshdeck")
    assert (told["what"], told["asked_by"], told["state"]) == (said, "Meshdeck", "done")
    assert told["targets"] == [{"kind": "serviceuser", "id": gone, "name": "ci-deploy"}]
    assert operation.pk in [one["id"] for one in listed(client, "q=meshdeck")]
    assert operation.pk not in [one["id"] for one in listed(client, "by=member")]
    assert len(listed(client, f"thing=serviceuser:{gone}")) == 2  # and who made it


def test_pages_and_api_show_it_and_offer_nothing_to_be_done(client: Client, visit: Visit) -> None:
    over(visit)
    tasks.sweep()
    (operation,) = ends()
    log_in(client, visit)
    rows = client.get(OPERATIONS).content.decode()
    assert "as its time was over" in rows
    assert ">Meshdeck</td>" in rows
    assert "Meshdeck · " in client.get("/atlas@north/changes/").content.decode()
    shown = client.get(f"{OPERATIONS}{operation.pk}/").content.decode()
    assert "Meshdeck, by itself" in shown
    assert "The cloud has forgotten it" in shown
    assert not any(f"/{verb}/" in shown for verb in ("retry", "undo", "cancel"))
    told = client.get(f"/api/v1/tenants/atlas@north/operations/{operation.pk}").json()
    assert (told["asked_by"], told["via"], told["may_retry"], told["may_undo"]) == ("Meshdeck", "itself", False, False)
    found = client.get("/api/v1/tenants/atlas@north/operations", {"by": "Meshdeck"}).json()
    assert [one["id"] for one in found["items"]] == [operation.pk]
    assert client.post(f"{OPERATIONS}{operation.pk}/retry/").status_code in (403, 409)
    assert len(ends()) == 1


@CASES
@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_the_worker_dies_it_is_ended_and_told_once(
    keystone: KeystoneUsers, visit: Visit, when: str, leave: Callable[[Visit], None], said: str
) -> None:
    deaths = 0
    for number in range(1, 10):
        leave(visit)
        keystone.kill(keystone.requests + number, when)
        try:
            tasks.sweep()
        except Killed:
            deaths += 1
        else:
            break
        keystone.kill(0, "")
        tasks.sweep()
        assert keystone.users == {}
        assert len(ends()) == number
        ServiceUser.objects.all().delete()
    assert deaths >= 2  # at looking for it, and at ending it


def test_what_did_not_come_about_is_not_told(keystone: KeystoneUsers, visit: Visit) -> None:
    over(visit)
    keystone.refuse = 503
    tasks.sweep()
    assert ends() == []


def test_two_sweepers_at_once_tell_it_once(visit: Visit) -> None:
    over(visit)
    tasks.sweep()
    ServiceUser.objects.update(ended_at=None)  # as the slower one still saw it
    tasks.sweep()
    assert len(ends()) == 1


@pytest.fixture
def own(cloud: FakeCloud) -> tuple[Keystone, Visit]:
    """Return a cloud that makes application credentials, and a member whose operation left one there."""
    keystone = Keystone(cloud)
    visit = member_of(keystone)
    operation = ask(visit, "create-service-user", **CI)
    turn.turn(operation.pk)
    ServiceUser.objects.all().delete()
    turn.broke(operation.pk)
    return keystone, visit


def test_what_is_ended_as_its_owner_is_told_too(own: tuple[Keystone, Visit]) -> None:
    keystone, visit = own
    for _ in range(2):
        read(visit)
    assert keystone.credentials == {}
    (operation,) = ends()
    maker = Operation.objects.get(user=visit.user)
    assert operation.note == f"{maker.pk} had made it, and did not come to a good end."
    assert "ending" not in maker.memory


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_it_too_there_is_one_row_whoever_dies(own: tuple[Keystone, Visit], when: str) -> None:
    keystone, visit = own
    deaths = 0
    for number in range(1, 20):
        keystone.kill(keystone.requests + number, when)
        try:
            read(visit)
        except Killed:
            deaths += 1
        else:
            break
    keystone.kill(0, "")
    read(visit)
    assert keystone.credentials == {}
    assert len(ends()) == 1
    assert deaths >= 3  # at each list, and at the end
