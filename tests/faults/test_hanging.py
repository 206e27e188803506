"""A location that takes connections and never answers holds up no change at another one."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from projects import freshness
from projects.actions import ACTIONS
from projects.models import Location, Membership, Operation, Project, Role, Tenant
from projects.operations import asking
from tests.faults.conftest import Place
from tests.support.workers import Workers, eventually

pytestmark = [pytest.mark.cloud, pytest.mark.django_db(transaction=True)]

TENANTS = 8


class Hanging(socketserver.ThreadingTCPServer):
    """Reads what comes, and says nothing. `most` is how many waited at once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Silent)
        self.lock, self.waiting, self.most = threading.Lock(), 0, 0

    def count(self, change: int) -> None:
        """One more waits, or one less."""
        with self.lock:
            self.waiting += change
            self.most = max(self.most, self.waiting)


class _Silent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Hanging)
        self.server.count(1)
        with suppress(OSError):
            while self.request.recv(65536):
                pass
        self.server.count(-1)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    with Hanging() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_what_waits_for_it_leaves_a_process_for_the_others(place: Place, workers: Workers, hanging: Hanging) -> None:
    url = f"http://127.0.0.1:{hanging.server_address[1]}/v3"
    dead = Location.objects.create(name="hanging", kind="openstack", auth_url=url, identity_provider="meshdeck")
    for n in range(TENANTS):
        project = Project.objects.create(name=f"hanging-{n}", slug=f"hanging-{n}")
        tenant = Tenant.objects.create(project=project, location=dead, external_id=f"id-{n}", external_name=f"name-{n}")
        now = timezone.now()
        Membership.objects.create(user=place.visit.user, tenant=tenant, role=Role.MEMBER, confirmed_at=now)
        assert freshness.request_refresh(tenant.pk, place.grant.pk, older_than=timedelta(0))
    workers.start()  # two processes
    eventually(lambda: hanging.waiting, workers.log)
    action = ACTIONS["create-volume"]
    params = action.params.model_validate({"name": "in-time", "size_gb": 1})
    operation = asking.ask(place.visit, place.grant.pk, action, params)
    eventually(lambda: Operation.objects.filter(pk=operation.pk, state=Operation.State.DONE), workers.log)
    assert hanging.most == 1
