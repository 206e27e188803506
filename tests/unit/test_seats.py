"""A location that hangs has a share of each worker, and leaves the rest to the others."""

import time
from contextlib import ExitStack
from uuid import uuid4

import pytest

from projects import seats
from projects.models import Location
from projects.seats import Seats, Work
from projects.tasks.refresh import refresh
from tests.unit import projects_fixtures as rows

pytestmark = pytest.mark.django_db

CHANGE, READ = Work.CHANGE, Work.READ


@pytest.fixture
def location() -> Location:
    made = rows.make_location()
    Location.objects.create(name="other", kind=made.kind, auth_url="http://other.test/v3")
    made.health = Location.Health.ANSWERS
    made.save()
    return made


def held(worker: Seats, location: Location, *works: Work, seconds: float = 30) -> list[bool]:
    """Try to hold seats for all of these at once."""
    with ExitStack() as stack:
        return [stack.enter_context(worker.at(location, work, seconds)) for work in works]


def worker(processes: int = 4) -> Seats:
    return Seats(f"test-{uuid4().hex}", processes)


def test_one_process_is_always_left_for_others(location: Location) -> None:
    assert held(worker(), location, *[CHANGE] * 4) == [True, True, True, False]
    assert held(worker(), location, READ, READ, READ, CHANGE, CHANGE) == [True, True, False, True, False]
    assert held(worker(1), location, CHANGE) == [True]


@pytest.mark.parametrize("health", [Location.Health.DEGRADED, Location.Health.DOWN, Location.Health.UNKNOWN])
def test_where_something_does_not_answer_few_wait(location: Location, health: str) -> None:
    location.health = health
    assert held(worker(), location, READ, READ, CHANGE, CHANGE) == [True, False, True, False]
    assert held(worker(8), location, READ, READ, CHANGE, CHANGE, CHANGE) == [True, False, True, True, False]


def test_each_location_has_its_own(location: Location) -> None:
    mine, other = worker(), Location.objects.get(name="other")
    with mine.at(location, CHANGE, 30), mine.at(location, CHANGE, 30), mine.at(location, CHANGE, 30):
        assert held(mine, location, CHANGE) == [False]
        assert held(mine, other, CHANGE) == [True]
    assert held(mine, location, CHANGE) == [True]


def test_the_seat_of_a_killed_process_ends_by_itself(location: Location) -> None:
    mine = worker(2)
    killed = mine.at(location, CHANGE, 0.2)
    assert killed.__enter__() is True  # and never left
    assert held(mine, location, CHANGE) == [False]
    time.sleep(0.25)
    assert held(mine, location, CHANGE) == [True]


def test_where_there_is_no_other_location_there_are_seats_for_all(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Seats, "mine", worker(1))
    with seats.seat(location, CHANGE, 30) as first, seats.seat(location, CHANGE, 30) as second:
        assert (first, second) == (True, False)
    Location.objects.exclude(pk=location.pk).update(enabled=False)
    with seats.seat(location, CHANGE, 30) as first, seats.seat(location, CHANGE, 30) as second:
        assert (first, second) == (True, True)


def test_who_finds_no_seat_comes_again_with_the_same_claim(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = worker(1)
    monkeypatch.setattr(Seats, "mine", mine)
    tenant = rows.make_tenant(location)
    sent: list[tuple[str, list[object], float]] = []
    monkeypatch.setattr(
        "projects.freshness.app.send_task", lambda name, args, **more: sent.append((name, args, more["countdown"]))
    )
    with mine.at(location, READ, 30):
        refresh(tenant.pk, str(uuid4()), "2026-12-01T00:00:00+00:00")
    ((name, args, countdown),) = sent
    assert (name, args[2], countdown) == ("projects.refresh", "2026-12-01T00:00:00+00:00", seats.AGAIN)
