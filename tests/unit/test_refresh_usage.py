"""Usage over time: samples at full five minutes, gaps where nobody looked, thinned out with age."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from projects.models import Change, Limit, Reading, Tenant, UsageSample
from projects.tasks import sample_usage
from projects.tasks.usage import aligned, prune
from services.openstack.words import Measure, Service
from tests.unit.projects_fixtures import make_location, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    tenant = make_tenant(make_location())
    for measure, used in ((Measure.VCPUS, 4), (Measure.KEY_PAIRS, None), (Measure.VOLUMES, 2)):
        Limit.objects.create(tenant=tenant, measure=measure, used=used, allowed=40)
    return tenant


def read(tenant: Tenant, service: Service, ago: timedelta) -> None:
    now = timezone.now()
    Reading.objects.create(tenant=tenant, service=service, tried_at=now, as_of=now - ago)


def test_what_was_just_read_is_sampled_once_per_five_minutes(tenant: Tenant) -> None:
    read(tenant, Service.COMPUTE, timedelta(seconds=30))

    sample_usage()
    sample_usage()

    sample = UsageSample.objects.get()
    assert (sample.measure, sample.used, sample.allowed) == (Measure.VCPUS, 4, 40)
    assert (sample.at.minute % 5, sample.at.second, sample.at.microsecond) == (0, 0, 0)


def test_what_nobody_has_read_lately_is_a_gap(tenant: Tenant) -> None:
    read(tenant, Service.COMPUTE, timedelta(seconds=30))
    read(tenant, Service.BLOCK_STORAGE, timedelta(minutes=6))

    sample_usage()

    assert set(UsageSample.objects.values_list("measure", flat=True)) == {Measure.VCPUS}


def test_the_time_of_a_sample_is_the_last_full_five_minutes() -> None:
    at = datetime(2026, 11, 23, 20, 14, 59, tzinfo=UTC)
    assert aligned(at) == datetime(2026, 11, 23, 20, 10, tzinfo=UTC)


def test_samples_thin_out_to_one_an_hour_and_end_after_100_days(tenant: Tenant) -> None:
    now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    kept = [now - timedelta(days=7), now - timedelta(days=7, minutes=5)]
    old_hour = now - timedelta(days=9)
    thinned = [old_hour + timedelta(minutes=minutes) for minutes in (10, 15, 20)]
    next_hour = old_hour + timedelta(hours=1)
    for at in [*kept, *thinned, next_hour, now - timedelta(days=101)]:
        UsageSample.objects.create(tenant=tenant, measure=Measure.VCPUS, at=at, used=1)
    Change.objects.create(tenant=tenant, seen_at=now - timedelta(days=31), verb="appeared", kind="server")
    recent = Change.objects.create(tenant=tenant, seen_at=now - timedelta(days=29), verb="appeared", kind="server")

    prune(now)
    prune(now)

    assert set(UsageSample.objects.values_list("at", flat=True)) == {*kept, thinned[0], next_hour}
    assert list(Change.objects.all()) == [recent]


def test_open_pages_hear_of_a_new_sample(tenant: Tenant) -> None:
    read(tenant, Service.COMPUTE, timedelta(seconds=30))
    quiet = make_tenant(tenant.location, "quiet", "another-project")

    sample_usage()

    versions = dict(Tenant.objects.values_list("pk", "version"))
    assert versions[tenant.pk] == tenant.version + 1
    assert versions[quiet.pk] == quiet.version
