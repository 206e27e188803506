"""Looking costs nothing when nothing is due, asks once when it is, and never fails a page."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.celery import app
from portal.identity.models import Grant
from projects import freshness
from projects.models import Discovery, Location, Tenant
from projects.tasks import rediscover, refresh_in_use
from tests.unit.projects_fixtures import make_grant, make_location, make_member, make_tenant, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant(make_location())


@pytest.fixture
def grant(tenant: Tenant) -> Grant:
    grant = make_grant(make_user())
    make_member(grant.user, tenant)
    return grant


@pytest.fixture
def queue() -> Iterator["Queue"]:
    queue = Queue()
    queue.take()
    yield queue
    queue.take()


class Queue:
    """What was really sent to the broker."""

    def take(self) -> list[tuple[str, list[Any]]]:
        """Return the messages, as task and arguments; the queue is empty then."""
        found = []
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            while raw := broker.rpop("celery"):
                message = json.loads(raw)
                arguments, _, _ = json.loads(base64.b64decode(message["body"]))
                found.append((message["headers"]["task"], arguments))
        return found


def look(tenant: Tenant, grant: Grant) -> None:
    freshness.look_at(Tenant.objects.select_related("location").get(pk=tenant.pk), grant.pk)


def test_the_first_look_asks_for_a_refresh_once(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    look(tenant, grant)
    look(tenant, grant)

    ((task, arguments),) = queue.take()
    tenant.refresh_from_db()
    assert task == "projects.refresh"
    assert tenant.refresh_started_at
    assert arguments == [tenant.pk, str(grant.pk), tenant.refresh_started_at.isoformat()]
    assert tenant.looked_at


def test_a_look_at_fresh_data_costs_no_query_and_sends_nothing(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    now = timezone.now()
    Tenant.objects.update(looked_at=now, refreshed_at=now)
    look(tenant, grant)  # notes the person
    known = Tenant.objects.select_related("location").get()

    with CaptureQueriesContext(connection) as queries:
        freshness.look_at(known, grant.pk)

    assert len(queries) == 0
    assert queue.take() == []


def test_data_older_than_15_seconds_is_refreshed(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    Tenant.objects.update(refreshed_at=timezone.now() - timedelta(seconds=16))
    look(tenant, grant)

    assert [task for task, _ in queue.take()] == ["projects.refresh"]


def test_a_location_that_is_down_is_left_alone_unless_somebody_asks(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    Location.objects.update(health=Location.Health.DOWN, next_try_at=timezone.now() + timedelta(minutes=1))
    look(tenant, grant)
    assert queue.take() == []

    freshness.try_now(tenant, grant.pk)
    assert [task for task, _ in queue.take()] == ["projects.refresh"]


def test_a_discovery_is_asked_for_once_at_each_location(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    south = make_location("south")
    make_location("old", enabled=False)
    freshness.discover_soon(grant.pk)
    freshness.discover_soon(grant.pk)

    assert sorted(queue.take()) == [
        ("projects.discover", [str(grant.pk), tenant.location_id]),
        ("projects.discover", [str(grant.pk), south.pk]),
    ]


def test_when_redis_is_away_the_look_is_noted_and_the_claim_given_back(
    tenant: Tenant, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "_pool", None)
    app.amqp.__dict__.pop("_producer_pool", None)
    try:
        look(tenant, grant)
    finally:
        monkeypatch.undo()
        app.amqp.__dict__.pop("_producer_pool", None)
        app.__dict__["_pool"] = None

    tenant.refresh_from_db()
    assert tenant.looked_at
    assert tenant.refresh_started_at is None


def test_tenants_in_use_are_refreshed_as_a_member_who_is_logged_in(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    now = timezone.now()
    Tenant.objects.update(looked_at=now - timedelta(minutes=5), refreshed_at=now - timedelta(minutes=2))
    unused = make_tenant(tenant.location, "unused", "unused")
    Tenant.objects.filter(pk=unused.pk).update(
        looked_at=now - timedelta(minutes=11), refreshed_at=now - timedelta(hours=2)
    )
    lonely = make_tenant(tenant.location, "lonely", "lonely")
    Tenant.objects.filter(pk=lonely.pk).update(looked_at=now, refreshed_at=now - timedelta(hours=2))

    refresh_in_use()

    ((task, arguments),) = queue.take()
    assert (task, arguments[:2]) == ("projects.refresh", [tenant.pk, str(grant.pk)])


def test_only_people_who_looked_lately_are_looked_up_again(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    now = timezone.now()
    idle = make_grant(make_user("idle"))
    for user, looked in ((grant.user, 1), (idle.user, 11)):
        row = Discovery.objects.create(
            user=user,
            location=tenant.location,
            tried_at=now - timedelta(seconds=50),
            looked_at=now - timedelta(minutes=looked),
        )
        cache.delete(f"rediscovered:{row.pk}")

    rediscover()
    rediscover()

    assert queue.take() == [("projects.discover", [str(grant.pk), tenant.location_id])]


def test_a_look_notes_the_person_as_active(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    Discovery.objects.create(user=grant.user, location=tenant.location, tried_at=timezone.now())

    look(tenant, grant)

    assert Discovery.objects.get().looked_at


def look_at_own(tenant: Tenant, grant: Grant, as_of: datetime | None) -> None:
    freshness.look_at_own(Tenant.objects.select_related("location").get(pk=tenant.pk), grant.pk, as_of)


def test_key_pairs_that_were_not_read_of_this_person_are_asked_for_although_the_rest_is_fresh(
    tenant: Tenant, grant: Grant, queue: Queue
) -> None:
    now = timezone.now()
    Tenant.objects.update(refreshed_at=now)
    look_at_own(tenant, grant, now - timedelta(minutes=1))
    assert queue.take() == []

    look_at_own(tenant, grant, None)
    look_at_own(tenant, grant, None)

    ((task, arguments),) = queue.take()
    assert (task, arguments[1]) == ("projects.refresh", str(grant.pk))


def test_a_cloud_that_never_tells_key_pairs_is_not_asked_without_end(
    tenant: Tenant, grant: Grant, queue: Queue
) -> None:
    for _ in range(3):
        Tenant.objects.update(refreshed_at=timezone.now(), refresh_started_at=None)
        look_at_own(tenant, grant, None)

    assert len(queue.take()) == 1


def test_key_pairs_wait_for_the_refresh_that_is_running(tenant: Tenant, grant: Grant, queue: Queue) -> None:
    now = timezone.now()
    Tenant.objects.update(refreshed_at=now, refresh_started_at=now)
    look_at_own(tenant, grant, None)
    assert queue.take() == []

    Tenant.objects.update(refresh_started_at=None)
    look_at_own(tenant, grant, None)
    assert len(queue.take()) == 1
