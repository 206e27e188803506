"""OpenStack as a platform: a location is a region, a tenant a Keystone project."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from clouds.openstack.session import Connection
from projects.models import Tenant
from projects.platforms import Platform, Service
from services.openstack import tokens

T = TypeVar("T")


class OpenStack(Platform[Connection]):
    """Regions of OpenStack clouds, which people enter by Keystone's federation."""

    key = "openstack"
    label = "OpenStack"
    services = (Service("identity", "Identity"),)

    def as_person(
        self,
        tenant: Tenant,
        grant: UUID,
        work: Callable[[Connection], T],
        *,
        request_id: str | None = None,
        seconds: float | None = None,
    ) -> T:
        return tokens.as_person(tenant, grant, work, request_id=request_id, seconds=seconds)
