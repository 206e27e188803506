"""Viewing a page, with a real broker, real workers and a real cloud, fills the rows."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from projects import freshness
from projects.models import Location, Membership, Reading, Tenant
from services.compute.models import Server
from tests.cloud.conftest import Devcloud
from tests.cloud.people import Person, location_row, log_in
from tests.support.issuer import Issuer
from tests.support.workers import Workers, eventually, forget_messages

pytestmark = [pytest.mark.cloud, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def member(issuer: Issuer) -> Person:
    return log_in(issuer, "member")


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path / "worker.log")
    yield workers
    workers.stop()


def refreshed(name: str) -> Tenant | None:
    found = Tenant.objects.select_related("location").filter(project__slug=name, as_of__isnull=False)
    return found.first()


def test_after_the_login_the_projects_come_with_what_runs_in_them(
    workers: Workers, north: Location, member: Person
) -> None:
    workers.start()
    freshness.discover_soon(member.grant.pk)

    eventually(lambda: refreshed("atlas") and refreshed("borealis"), workers.log)

    assert Membership.objects.filter(user=member.user).count() == 2
    assert Server.objects.filter(tenant__project__slug="atlas").exists()
    secrets = (b"gAAAA", b"eyJ")
    assert not any(secret in workers.log.read_bytes() for secret in secrets)


def test_what_a_killed_worker_began_is_done_by_another(workers: Workers, north: Location, member: Person) -> None:
    first = workers.start()
    freshness.discover_soon(member.grant.pk)
    eventually(lambda: refreshed("atlas"), workers.log)
    atlas = refreshed("atlas")
    assert atlas
    eventually(lambda: not Tenant.objects.filter(refresh_started_at__isnull=False).exists(), workers.log)

    # The worker hangs in the middle of a refresh, holding the claim, and is killed.
    Tenant.objects.update(refreshed_at=timezone.now() - timedelta(minutes=1))
    os.killpg(first.pid, signal.SIGSTOP)
    freshness.look_at(Tenant.objects.select_related("location").get(pk=atlas.pk), member.grant.pk)
    workers.kill(first)
    claimed = Tenant.objects.get(pk=atlas.pk)
    assert claimed.refresh_started_at

    forget_messages()  # lost with the worker
    Tenant.objects.update(refresh_started_at=timezone.now() - timedelta(seconds=61))
    workers.start()
    freshness.look_at(Tenant.objects.select_related("location").get(pk=atlas.pk), member.grant.pk)

    eventually(lambda: Tenant.objects.filter(pk=atlas.pk, as_of__gt=atlas.as_of), workers.log)
    assert set(Reading.objects.filter(tenant=atlas).values_list("reason", flat=True)) == {""}
