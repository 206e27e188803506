"""One refresh of a tenant at a time, whoever asks and whatever dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from projects.models import Tenant
from projects.refresh import claims
from tests.unit.projects_fixtures import make_location, make_tenant

ANY_AGE = timedelta(0)


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant(make_location())


def test_a_claim_is_given_once(tenant: Tenant) -> None:
    assert claims.take(tenant.pk, older_than=ANY_AGE)
    assert claims.take(tenant.pk, older_than=ANY_AGE) is None


def test_the_claim_of_a_dead_worker_is_taken_over_after_a_minute(tenant: Tenant) -> None:
    Tenant.objects.update(refresh_started_at=timezone.now() - timedelta(seconds=59))
    assert claims.take(tenant.pk, older_than=ANY_AGE) is None

    Tenant.objects.update(refresh_started_at=timezone.now() - timedelta(seconds=61))
    assert claims.take(tenant.pk, older_than=ANY_AGE)


def test_a_tenant_just_refreshed_is_not_due(tenant: Tenant) -> None:
    Tenant.objects.update(refreshed_at=timezone.now() - timedelta(seconds=14))
    assert claims.take(tenant.pk, older_than=timedelta(seconds=15)) is None

    Tenant.objects.update(refreshed_at=timezone.now() - timedelta(seconds=16))
    assert claims.take(tenant.pk, older_than=timedelta(seconds=15))


def test_a_task_that_is_delivered_twice_begins_once(tenant: Tenant) -> None:
    claim = claims.take(tenant.pk, older_than=ANY_AGE)
    assert claim
    assert claims.begin(tenant.pk, claim)
    assert claims.begin(tenant.pk, claim) is None


def test_who_lost_the_claim_does_not_release_the_others(tenant: Tenant) -> None:
    lost = timezone.now() - timedelta(seconds=61)
    Tenant.objects.update(refresh_started_at=lost)
    taken = claims.take(tenant.pk, older_than=ANY_AGE)

    claims.release(tenant.pk, lost, tried=True)

    tenant.refresh_from_db()
    assert (tenant.refresh_started_at, tenant.refreshed_at) == (taken, None)


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_race_one_wins() -> None:
    tenant = make_tenant(make_location())
    together = Barrier(8)

    def race(_: int) -> datetime | None:
        together.wait()
        try:
            return claims.take(tenant.pk, older_than=ANY_AGE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        won = [claim for claim in pool.map(race, range(8)) if claim]

    assert len(won) == 1
