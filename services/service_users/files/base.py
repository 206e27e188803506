"""What a file of a service user is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from services.cli_access.description import Place
from services.cli_access.places import place_at
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is downloaded. It holds the secret."""

    name: str
    content_type: str
    text: str = field(repr=False)


class FileKind(ABC):
    """One way to write a login down. `ending` is how the form calls it, `text` says who reads it."""

    key: ClassVar[str]
    ending: ClassVar[str]
    icon: ClassVar[str] = "file-text"
    text: StrOrPromise
    content_type: str = "text/plain; charset=utf-8"

    @abstractmethod
    def name(self, row: ServiceUser) -> str:
        """Return what the file is called."""

    @abstractmethod
    def use(self, row: ServiceUser) -> str:
        """Say what to type to use it."""

    @abstractmethod
    def render(self, credential: Credential) -> str:
        """Return the whole file."""

    def file(self, credential: Credential) -> File:
        """Return the file as it is downloaded."""
        return File(self.name(credential.row), self.content_type, self.render(credential))


def place_of(row: ServiceUser) -> Place:
    """Say where it works. Its entry in clouds.yaml is called `atlas-north-ci-deploy`."""
    tenant = row.tenant
    machine = slugify(row.label)[:60] or row.external_id[:8]
    return place_at(tenant, f"{tenant.project.slug}-{tenant.location.name}-{machine}", machine)


def head_of(row: ServiceUser) -> list[str]:
    """Return the sentences at the top of a file."""
    until = row.expires_at
    ends = _("until %(time)s") % {"time": f"{until:%Y-%m-%d %H:%M:%S} UTC"} if until else _("until it is revoked")
    said = _("Service user %(name)s: logs in without a password, %(ends)s.")
    if row.kind == ServiceUser.Kind.KEYSTONE_USER:
        said = _("Service user %(name)s: logs in with a password of its own, %(ends)s.")
    where = _("The secret is in this file, and nowhere else. Whoever has the file is this service user.")
    if row.kind == ServiceUser.Kind.EC2:
        where = _("The secret is in this file. Whoever has the file is this service user.")
    return [said % {"name": row.label, "ends": ends}, where]


def beside(row: ServiceUser) -> dict[str, str | None]:
    """Return what a JSON file says of the login besides."""
    place, until = place_of(row), row.expires_at
    return {
        "project_id": place.project_id,
        "handle": place.handle,
        "expires_at": until.isoformat() if until else None,
    }
