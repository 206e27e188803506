"""What a location is said to be, and when a dead one is tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clouds import errors
from projects.models import Location, LocationService
from projects.refresh import health
from projects.refresh.health import Outcome
from services.openstack.words import Service
from tests.unit.projects_fixtures import make_location

REFUSED = errors.Unreachable("Compute can't be reached: the connection was refused.", request_id="req-1")


@pytest.fixture
def location(db: None) -> Location:
    return make_location()


def well(service: Service) -> Outcome:
    return Outcome(service, None, 12)


def ill(service: Service, error: errors.CloudError = REFUSED) -> Outcome:
    return Outcome(service, error, 5000)


def test_a_location_whose_services_all_answer_answers(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(Service.NETWORK)])

    location.refresh_from_db()
    assert (location.health, location.reason, location.failing_since) == (Location.Health.ANSWERS, "", None)
    assert location.answered_at
    assert LocationService.objects.get(service=Service.COMPUTE).latency_ms == 12


def test_one_dead_service_makes_it_answer_in_part_without_backoff(location: Location) -> None:
    health.record(location.pk, [ill(Service.COMPUTE), well(Service.NETWORK)])

    location.refresh_from_db()
    assert (location.health, location.reason, location.request_id) == (
        Location.Health.DEGRADED,
        REFUSED.reason,
        "req-1",
    )
    assert (location.failures, location.next_try_at) == (0, None)
    assert location.failing_since
    assert LocationService.objects.get(service=Service.COMPUTE).answers is False


def test_when_nothing_answers_it_is_down_and_left_alone_for_longer_each_time(location: Location) -> None:
    waits = []
    for _ in range(9):
        health.record(location.pk, [ill(Service.COMPUTE), ill(Service.NETWORK)])
        location.refresh_from_db()
        assert location.checked_at
        assert location.next_try_at
        waits.append((location.next_try_at - location.checked_at).total_seconds())

    assert (location.health, location.failures) == (Location.Health.DOWN, 9)
    for wait, middle in zip(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300], strict=True):
        assert 0.8 * middle <= wait <= 1.2 * middle
    assert location.failing_since
    assert location.checked_at
    assert location.failing_since < location.checked_at


def test_it_recovers_at_the_first_answer(location: Location) -> None:
    health.record(location.pk, [ill(Service.COMPUTE)])
    health.record(location.pk, [well(Service.COMPUTE)])

    location.refresh_from_db()
    assert (location.health, location.failures, location.next_try_at) == (Location.Health.ANSWERS, 0, None)
    assert (location.reason, location.failing_since) == ("", None)


def test_the_reason_is_of_a_service_that_still_fails(location: Location) -> None:
    health.record(location.pk, [ill(Service.COMPUTE), ill(Service.IMAGE, errors.TimedOut("Images did not answer."))])
    health.record(location.pk, [well(Service.COMPUTE)])

    location.refresh_from_db()
    assert (location.health, location.reason) == (Location.Health.DEGRADED, "Images did not answer.")


@pytest.mark.parametrize("error", [errors.Forbidden("No."), errors.NotFound("No.")])
def test_what_a_policy_refuses_to_one_person_says_nothing_about_the_location(
    location: Location, error: errors.CloudError
) -> None:
    health.record(location.pk, [ill(Service.NETWORK, error)])

    location.refresh_from_db()
    assert location.health == Location.Health.ANSWERS


def test_a_service_not_asked_for_long_has_no_say(location: Location) -> None:
    LocationService.objects.create(
        location=location,
        service=Service.OBJECT_STORE,
        answers=False,
        checked_at=timezone.now() - timedelta(minutes=10),
    )
    health.record(location.pk, [well(Service.COMPUTE)])

    location.refresh_from_db()
    assert location.health == Location.Health.ANSWERS


def test_a_dead_location_is_left_alone_until_its_time_and_then_tried_by_one(location: Location) -> None:
    health.record(location.pk, [ill(Service.COMPUTE)])
    location.refresh_from_db()
    assert not health.may_try(location)

    Location.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    first, second = Location.objects.get(), Location.objects.get()
    assert health.may_try(first)
    assert not health.may_try(second)


BROKEN = errors.ServerFault("Object storage returned an error (503).", status=503)
OBJECTS = Service.OBJECT_STORE


def says(location: Location) -> tuple[str, bool | None]:
    """Return what the location is said to be, and whether its object storage answers."""
    location.refresh_from_db()
    return location.health, LocationService.objects.get(service=OBJECTS).answers


def test_the_trouble_of_one_tenant_is_not_the_locations(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(OBJECTS)], 1)
    for _ in range(12):
        health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS, BROKEN)], 2)
        assert says(location) == (Location.Health.ANSWERS, True)


def test_what_fails_in_a_second_tenant_too_is_the_locations(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(OBJECTS)], 1)
    health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS, BROKEN)], 2)
    health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS, BROKEN)], 1)
    assert says(location) == (Location.Health.DEGRADED, False)


def test_who_is_alone_there_speaks_for_the_location(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(OBJECTS)], 1)
    health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS, BROKEN)], 1)
    assert says(location) == (Location.Health.DEGRADED, False)


def test_an_answer_of_long_ago_speaks_for_nobody(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(OBJECTS)], 1)
    LocationService.objects.update(answered_at=timezone.now() - timedelta(seconds=91))
    health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS, BROKEN)], 2)
    assert says(location) == (Location.Health.DEGRADED, False)


def test_what_can_not_be_reached_is_the_locations_at_once(location: Location) -> None:
    health.record(location.pk, [well(Service.COMPUTE), well(OBJECTS)], 1)
    health.record(location.pk, [well(Service.COMPUTE), ill(OBJECTS)], 2)
    assert says(location) == (Location.Health.DEGRADED, False)
