"""A wing that the product has never heard of is whole: from discovery to undo, on pages, in API and palette.

Run by tests/unit/test_toy_wing.py with the toy's own settings: addresses and registries are made at the start.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.identity.models import User
from projects.discovery import discovering
from projects.models import Location, Membership, Operation, Reading, Role, Tenant
from projects.operations import claims, turn
from projects.refresh import claims as refreshes
from projects.refresh import refreshing
from tests import factories
from tests.toy.house import HOUSES, House, SeenLamp
from tests.toy.models import Lamp

pytestmark = pytest.mark.django_db

HERE = "/villa@attic/"
API = "/api/v1/tenants/villa@attic/"
State = Operation.State


@pytest.fixture
def house() -> Iterator[House]:
    """Return the villa has a lamp in the hall that is off, and one in the kitchen that is on."""
    lamps = (("hall", "off", 40), ("kitchen", "on", 60))
    HOUSES["villa"] = House(
        {name: SeenLamp(external_id=name, name=name, status=is_, watts=w) for name, is_, w in lamps}
    )
    yield HOUSES["villa"]
    HOUSES.clear()


@pytest.fixture
def ann() -> User:
    return factories.person("ann")


@pytest.fixture
def grant(client: Client, ann: User) -> Any:
    return factories.log_in(client, ann)


@pytest.fixture
def tenant(house: House, ann: User, grant: Any) -> Tenant:
    """Return the villa, discovered for Ann and read."""
    attic = Location.objects.create(name="attic", kind="toy", auth_url="toy://attic", identity_provider="toy")
    (tenant,) = discovering.discover(ann, grant, attic)
    read(tenant, grant)
    return Tenant.objects.get(pk=tenant.pk)


def read(tenant: Tenant, grant: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(refreshed_at=None, refresh_started_at=None)
    claim = refreshes.take(tenant.pk, older_than=timedelta(0))
    assert claim
    refreshing.refresh(tenant.pk, grant, claim)


def go(operation: Operation) -> Operation:
    """Return what workers do; one whose claim has ended is followed by another."""
    for _ in range(10):
        long_ago = timezone.now() - claims.LEASE * 3
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        Operation.objects.filter(pk=operation.pk).exclude(claimed_at=None).update(claimed_at=long_ago)
        if turn.turn(operation.pk) is None:
            break
    operation.refresh_from_db()
    return operation


def test_who_belongs_there_is_discovered_and_what_is_there_is_read(tenant: Tenant, ann: User) -> None:
    assert Membership.objects.get(user=ann, tenant=tenant).role == Role.MEMBER
    assert set(Lamp.objects.filter(tenant=tenant).values_list("name", "status")) == {("hall", "off"), ("kitchen", "on")}
    assert tenant.figures == {"lamps": {"total": 2}}
    (limit,) = tenant.limits.all()
    assert (limit.measure, limit.used, limit.allowed) == ("watts", 60, 100)


def test_list_page_menu_and_csv(tenant: Tenant, client: Client) -> None:
    page = client.get(f"{HERE}lamps/").content.decode()
    assert "hall" in page
    assert "kitchen" in page
    assert 'href="hall/menu/"' in page
    assert "kitchen" not in client.get(f"{HERE}lamps/?status=off").content.decode().split("<tbody")[1]
    assert client.get(f"{HERE}lamps/?format=csv").content.decode().splitlines() == [
        "name,status",
        "hall,off",
        "kitchen,on",
    ]
    menu = client.get(f"{HERE}lamps/hall/menu/", headers={"HX-Request": "true"}).content.decode()
    assert f"{HERE}lamps/hall/on/" in menu
    one = client.get(f"{HERE}lamps/hall/")
    assert (one.status_code, one.context["title"]) == (200, "hall")
    assert client.get(f"{HERE}lamps/attic/").status_code == 404


def test_menu_overview_and_welcome(tenant: Tenant, client: Client) -> None:
    groups = {str(group.title): group for group in client.get(HERE).context["shell"].groups}
    (lamps,) = groups["Toy"].items
    assert (lamps.url, lamps.count) == (f"{HERE}lamps/", 2)
    gauges = client.get(HERE).context["gauges"]
    assert [(gauge.label, gauge.used, gauge.allowed) for gauge in gauges] == [("Watts", 60, 100)]
    assert client.get("/").status_code == 200
    assert client.get("/projects/villa/").status_code == 200
    assert client.get("/locations/attic/").status_code == 200


def test_strangers_find_nothing_and_readers_change_nothing(tenant: Tenant, ann: User) -> None:
    stranger = Client()
    factories.log_in(stranger, factories.person("eve"))
    assert stranger.get(f"{HERE}lamps/").status_code == 404
    assert stranger.get(f"{HERE}lamps/hall/on/").status_code == 404
    reader = Client()
    bob = factories.person("bob")
    factories.log_in(reader, bob)
    factories.join(bob, tenant, role=Role.READER)
    assert reader.get(f"{HERE}lamps/").status_code == 200
    assert reader.get(f"{HERE}lamps/hall/on/").status_code == 403


def test_form_operation_undo_and_log(tenant: Tenant, client: Client, house: House) -> None:
    address = reverse("switch-lamp-on", kwargs={"handle": "villa@attic", "external_id": "hall"})
    assert address == f"{HERE}lamps/hall/on/"
    assert client.get(address).status_code == 200
    sent = client.post(address, {"key": "one"})
    assert sent.status_code == 302
    operation = Operation.objects.get()
    assert go(operation).state == State.DONE
    assert house.calls == ["hall on"]
    assert Lamp.objects.get(name="hall").status == "on"  # shown at once, before anything is read again
    page = client.get(f"{HERE}operations/{operation.pk}/").content.decode()
    assert "Switched" in page
    assert "Switch hall on" in client.get(f"{HERE}operations/").content.decode() or "Switched" in page
    client.post(f"{HERE}operations/{operation.pk}/undo/")
    undoing = Operation.objects.get(undo_of=operation)
    assert go(undoing).state == State.DONE
    assert house.calls == ["hall on", "hall off"]


def test_it_is_refused_beside_the_form_what_makes_no_sense(tenant: Tenant, client: Client) -> None:
    answer = client.post(f"{HERE}lamps/kitchen/on/", {"key": "one"})
    assert answer.status_code == 422
    assert "kitchen is on already." in answer.content.decode()
    assert not Operation.objects.exists()


def test_api(tenant: Tenant, client: Client) -> None:
    listed = client.get(f"{API}lamps").json()
    assert [(one["name"], one["status"], one["watts"]) for one in listed["items"]] == [
        ("hall", "off", 40),
        ("kitchen", "on", 60),
    ]
    assert client.get(f"{API}lamps/hall").json()["name"] == "hall"
    dry = post(client, f"{API}actions/switch-lamp-on/preview", {"lamp_id": "hall"})
    assert (dry.status_code, dry.json()["title"]) == (200, "Switch hall on")
    keyed = {"Idempotency-Key": "k1"}
    first = post(client, f"{API}actions/switch-lamp-on", {"lamp_id": "hall"}, **keyed)
    again = post(client, f"{API}actions/switch-lamp-on", {"lamp_id": "hall"}, **keyed)
    assert (first.status_code, first.json()["id"]) == (202, again.json()["id"])
    assert client.get("/api/v1/search?q=hall").json()[0]["kind"] == "lamps"


def test_palette(tenant: Tenant, client: Client) -> None:
    found = client.get("/search/?q=hall", headers={"HX-Request": "true"}).content.decode()
    assert f"{HERE}lamps/hall/" in found
    assert f"{HERE}lamps/hall/on/" in found
    assert (
        f"{HERE}lamps/kitchen/on/"
        not in client.get("/search/?q=kitchen", headers={"HX-Request": "true"}).content.decode()
    )


def test_a_worker_that_dies_after_sending_leaves_one_effect(tenant: Tenant, client: Client, house: House) -> None:
    class Killed(BaseException):
        """As kill -9 would."""

    def die() -> None:
        raise Killed

    client.post(f"{HERE}lamps/hall/on/", {"key": "one"})
    operation = Operation.objects.get()
    house.then = die
    with pytest.raises(Killed):
        turn.turn(operation.pk)
    assert go(operation).state == State.DONE
    assert house.calls == ["hall on"]


def test_a_service_that_fails_keeps_what_is_known_dated(
    tenant: Tenant, client: Client, house: House, grant: Any
) -> None:
    house.away = True
    read(tenant, grant)
    assert Lamp.objects.filter(tenant=tenant).count() == 2
    assert Reading.objects.get(tenant=tenant).reason.startswith("The toy returned an error (503).")
    assert client.get(f"{HERE}lamps/").context["seen"] is not None


def test_what_changed_outside_is_news(tenant: Tenant, client: Client, house: House, grant: Any) -> None:
    house.switch("kitchen", "off")
    read(tenant, grant)
    assert "kitchen" in client.get(f"{HERE}changes/").content.decode()


def post(client: Client, address: str, body: object, **headers: str) -> Any:
    token = client.get(HERE).cookies.get("csrftoken")
    given = {"Origin": "http://testserver", **headers} | ({"X-CSRFToken": token.value} if token else {})
    return client.post(address, json.dumps(body), content_type="application/json", headers=given)
