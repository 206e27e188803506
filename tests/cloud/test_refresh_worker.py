"""A look at a page, a real broker, real workers, a real cloud: the rows are there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from projects import freshness
from projects.models import Location, Membership, Reading, Server, Tenant
from tests.cloud.conftest import Devcloud
from tests.cloud.people import Person, location_row, log_in
from tests.support import environment
from tests.support.issuer import Issuer

pytestmark = [pytest.mark.cloud, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def north(devcloud: Devcloud) -> Location:
    return location_row(devcloud)


@pytest.fixture
def member(issuer: Issuer) -> Person:
    return log_in(issuer, "member")


class Workers:
    """Celery workers of the portal on the test's database and Redis."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        database = connection.settings_dict
        command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-c", "2", "-l", "INFO"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=environment.ROOT,
                env=os.environ
                | environment.portal()
                | {"MESHDECK_REDIS_URL": settings.REDIS_URL, "MESHDECK_DATABASE_URL": f"sqlite:///{database['NAME']}"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As the kernel does when memory runs out: the worker and its children, at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", "unacked", "unacked_index")
    workers = Workers(tmp_path / "worker.log")
    yield workers
    for process in workers.running:
        os.killpg(process.pid, signal.SIGTERM)
    for process in workers.running:
        process.wait(20)


def eventually(condition: Callable[[], Any], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.2)


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

    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", "unacked", "unacked_index")  # the message went with the worker
    Tenant.objects.update(refresh_started_at=timezone.now() - timedelta(seconds=61))
    workers.start()
    freshness.look_at(Tenant.objects.select_related("location").get(pk=atlas.pk), member.grant.pk)

    eventually(lambda: Tenant.objects.filter(pk=atlas.pk, as_of__gt=atlas.as_of), workers.log)
    assert set(Reading.objects.filter(tenant=atlas).values_list("reason", flat=True)) == {""}
