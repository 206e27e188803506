"""A project of its own with quota for hundreds of resources, and a person logged in to it for the whole run."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from openstack.connection import Connection

from portal.identity.models import Grant
from projects.access import Visit
from projects.discovery import discovering as discovery
from projects.models import Role, Tenant
from tests.cloud.conftest import Devcloud, devcloud, issuer
from tests.cloud.people import location_row
from tests.support import room
from tests.support.issuer import Issuer
from tests.support.workers import Workers

__all__ = ["devcloud", "issuer"]  # fixtures


@dataclass
class Place:
    """Where operations are requested, and the cloud's own view of it."""

    visit: Visit
    grant: Grant
    sdk: Connection

    @property
    def tenant(self) -> Tenant:
        """The tenant in which operations run."""
        return self.visit.tenant


@pytest.fixture
def place(devcloud: Devcloud, issuer: Issuer) -> Iterator[Place]:
    """Create the project `faults-…` and delete all of it afterwards."""
    with ExitStack() as stack:
        admin = stack.enter_context(devcloud.connect("north-admin"))
        name = f"faults-{uuid4().hex[:8]}"
        project = room.own_project(admin, name, stack)
        sdk = stack.enter_context(admin.connect_as_project(project))
        stack.callback(room.empty, sdk)
        user, grant = room.log_in(issuer, name)
        location = location_row(devcloud)
        discovery.discover(user, grant.pk, location)
        tenant = Tenant.objects.select_related("project", "location").get(external_name=name)
        yield Place(Visit(user, tenant, Role.MEMBER), grant, sdk)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Provide workers to be killed, none started yet."""
    workers = Workers(tmp_path / "worker.log")
    yield workers
    workers.stop()
