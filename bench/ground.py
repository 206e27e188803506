"""The place where changes are measured: its own project in a real cloud, a person in it, and the portal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from openstack.connection import Connection

from portal.identity import vault
from portal.identity.models import EndReason, Grant
from projects import freshness
from projects.access import Visit
from projects.discovery import discovering as discovery
from projects.models import Location, Operation, Role, Tenant
from projects.models.operation import OPEN
from tests import factories
from tests.cloud.conftest import Devcloud, trusting
from tests.support import room
from tests.support.issuer import Issuer

SERVERS = 4


@dataclass
class Ground:
    """The project and its people. `sdk` is openstacksdk in the same project, warm, to ask the cloud itself."""

    visit: Visit
    grant: UUID
    cookie: str
    sdk: Connection
    # Running servers, each with one port.
    servers: list[Any]

    @property
    def tenant(self) -> Tenant:
        """The tenant in which changes are made."""
        return self.visit.tenant

    @property
    def page(self) -> str:
        """The tenant's page."""
        return f"/{self.tenant.handle}/"

    def volumes(self, name: str, count: int) -> list[Any]:
        """Create volumes of 1 GB with the SDK."""
        made = [self.sdk.block_storage.create_volume(name=f"{name}-{n}", size=1) for n in range(count)]
        return [self.sdk.block_storage.wait_for_status(one, "available", interval=0.1) for one in made]

    def groups(self, name: str, count: int) -> list[Any]:
        """Create security groups with the SDK."""
        return [self.sdk.network.create_security_group(name=f"{name}-{n}") for n in range(count)]

    def port(self, server: Any) -> Any:
        """Return the server's port."""
        return next(self.sdk.network.ports(device_id=server.id))

    def learn(self) -> None:
        """Make the portal read everything."""
        wait_for(lambda: freshness.request_refresh(self.tenant.pk, self.grant, older_than=timedelta(0)))
        self.rest()

    def rest(self) -> None:
        """Wait until the portal's workers have nothing to do for the tenant."""
        wait_for(lambda: not Operation.objects.filter(tenant=self.tenant, state__in=OPEN).exists())
        wait_for(lambda: Tenant.objects.filter(pk=self.tenant.pk, refresh_started_at=None).exists())


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Return what the condition returns as soon as it is truthy; RuntimeError if it takes too long."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise RuntimeError("Timed out.")
        time.sleep(0.05)
    return found


def say(line: str) -> None:
    """Print progress beside the results."""
    sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()


@contextmanager
def prepared(state: Path, port_base: int) -> Iterator[Ground]:
    """Prepare a project, in the portal's environment with its workers running. Nothing of it is left in the cloud."""
    cloud = Devcloud(state, port_base)
    with ExitStack() as stack:
        issuer = stack.enter_context(Issuer())
        stack.enter_context(trusting(cloud, issuer.url, "--location", "north"))
        admin = stack.enter_context(cloud.connect("north-admin"))
        name = f"bench-{int(time.time())}"
        project = room.own_project(admin, name, stack)
        sdk = stack.enter_context(admin.connect_as_project(project))
        stack.callback(room.empty, sdk)
        user, grant = room.log_in(issuer, name)
        stack.callback(vault.end, grant.pk, EndReason.LOGOUT)
        location, _ = Location.objects.get_or_create(
            name="real",
            defaults={
                "kind": "openstack",
                "auth_url": cloud.auth_url("north"),
                "region": "north",
                "identity_provider": "meshdeck",
            },
        )
        # The made-up locations never answer and would keep the workers busy.
        Location.objects.exclude(pk=location.pk).update(enabled=False)
        discovery.discover(user, grant.pk, location)
        tenant = Tenant.objects.select_related("project", "location").get(external_name=name)
        visit = Visit(user, tenant, Role.MEMBER)
        ground = Ground(visit, grant.pk, _session(visit, grant), sdk, _servers(sdk))
        say(f"{len(ground.servers)} servers run in {name}")
        yield ground


def _session(visit: Visit, grant: Grant) -> str:
    """Create a session and return its cookie's value."""
    client = Client()
    empty = factories.log_in(client, visit.user)
    Grant.objects.filter(pk=grant.pk).update(session_key=Grant.objects.get(pk=empty).session_key)
    session = client.session
    session["identity.grant"] = str(grant.pk)
    session.save()
    Grant.objects.filter(pk=empty).delete()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _servers(sdk: Connection) -> list[Any]:
    network = sdk.network.create_network(name="bench")
    sdk.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.8.0.0/16")
    flavor, image = sdk.compute.find_flavor("m1.tiny"), sdk.image.find_image("cirros-0.6")
    wanted = {"flavor_id": flavor.id, "image_id": image.id, "networks": [{"uuid": network.id}]}
    made = [sdk.compute.create_server(name=f"server-{n}", **wanted) for n in range(SERVERS)]
    return [sdk.compute.wait_for_server(one, interval=0.3) for one in made]
