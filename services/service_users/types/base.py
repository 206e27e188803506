"""What a kind of service user is: whether a location has it, how one is made, found again, and ended."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from clouds.errors import CloudError
from clouds.openstack.session import Connection
from projects.models import Tenant
from projects.outcomes import Failed
from services.openstack.words import Service
from services.service_users.models import ServiceUser


@dataclass(frozen=True, slots=True)
class Wanted:
    """One to be made. Its secret is the caller's choice, and stays out of `repr`, so out of tracebacks.

    `name` carries the mark of the operation (models.cloud_name). `roles` are names; none means all of the person's.
    `access_rules` are {"service", "method", "path"}; none: all that the roles may.
    """

    name: str
    secret: str = field(repr=False)
    description: str = ""
    roles: Sequence[str] = ()
    access_rules: Sequence[Mapping[str, str]] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One as the cloud tells it. `columns` are those of the register that this kind's cloud has a word on."""

    kind: str
    external_id: str
    project_id: str
    name: str
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class At:
    """Where, and as whom: a tenant, and its cloud as the person sees it, where a person is at it; by which login.

    `request` is the request's id where nobody is at it.
    """

    tenant: Tenant
    person: Connection | None = None
    login: UUID | None = None
    request: str | None = None

    @property
    def cloud(self) -> Connection:
        """The cloud as the person. TypeError where nobody is at it, which only those `of_person` ask."""
        if self.person is None:
            raise TypeError("nobody is at it")
        return self.person

    @property
    def request_id(self) -> str | None:
        """What the cloud's logs know the operation by, where there is one."""
        return self.person.http.request_id if self.person else self.request

    @property
    def place(self) -> str:
        """The location's name, for sentences."""
        return self.tenant.location.name


class ServiceUserType(ABC):
    """One kind. What it raises are CloudErrors, as the calls in clouds.openstack say of themselves.

    `bounded`: the cloud itself refuses it after its end. What is not is ended by the sweeper (ending.py).
    `of_person`: it belongs to who made it, works with what is left of that person's roles, and is told to that person.
    `picks`: it may have some of the roles only. `narrows`: what these may can be narrowed to some requests.
    """

    key: ClassVar[str]
    position: ClassVar[int]
    label: StrOrPromise
    bounded: ClassVar[bool] = True
    of_person: ClassVar[bool] = True
    picks: ClassVar[bool] = True
    narrows: ClassVar[bool] = True

    @abstractmethod
    def text(self, tenant: Tenant) -> str:
        """Say what it is, in a sentence or two, for who chooses."""

    @abstractmethod
    def not_offered(self, tenant: Tenant) -> str:
        """Say why this location has none; empty when it has, or does not say."""

    @abstractmethod
    def create(self, at: At, wanted: Wanted) -> Seen:
        """Make one that works in the tenant. A second one of the same name is a Conflict."""

    @abstractmethod
    def find(self, at: At, name: str) -> list[Seen]:
        """Those that have this name, which has a mark in it: one or none."""

    @abstractmethod
    def get(self, at: At, external_id: str) -> Seen:
        """One that is there. NotFound."""

    @abstractmethod
    def delete(self, at: At, external_id: str) -> None:
        """End it. NotFound when it is gone already."""

    def list_own(self, cloud: Connection) -> list[Seen] | None:
        """All of the person's at the location; None where the cloud tells none to persons."""
        return None

    def gone(self, tenant: Tenant, rows: Iterable[ServiceUser]) -> list[ServiceUser]:
        """Return which of the tenant's rows the cloud knows no more. Only where not `of_person`."""
        return []

    def refused(self, at: At, error: CloudError) -> Failed | None:
        """Say what a refusal to make one means, where it means something of its own."""
        return None


def version_of(tenant: Tenant) -> tuple[int, ...] | None:
    """Return the API version of the location's Keystone, such as (3, 14); None where it does not say."""
    found = tenant.location.services.filter(service=Service.IDENTITY).values_list("version", flat=True).first()
    numbers = [int(part) for part in re.findall(r"\d+", found or "")]
    return tuple(numbers[:2]) if len(numbers) > 1 else None


def older_than(tenant: Tenant, since: tuple[int, int], said: str) -> str:
    """`said`, of the place, when its Keystone is known to be older; else nothing."""
    version = version_of(tenant)
    return "" if version is None or version >= since else said % {"place": tenant.location.name}


def belongs_to_you(tenant: Tenant) -> str:
    """Say what those of a person have in common."""
    said = _("Belongs to you. Stops working when you lose your role in %(project)s.")
    return said % {"project": tenant.project.name}
