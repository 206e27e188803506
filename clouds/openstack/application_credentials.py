"""Keystone: a person's application credentials. Source: docs.openstack.org/api-ref/identity/v3, since Queens (v3.10).

They belong to a person and work in one project, the one that the token was scoped to when they were created. A name is
unique per person across all projects: a repeated step finds its own credential by name, and Keystone refuses a
duplicate (409). Only the owner sees them, and a secret can't be read again.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from clouds.errors import CloudError
from clouds.openstack.inventory.values import Many, Row, Text, Time
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import given, path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

# Keystone API minor versions: with application credentials (Queens), and with access rules for them (Train).
SINCE = (3, 10)
ACCESS_RULES_SINCE = (3, 13)


class Method(StrEnum):
    """The HTTP methods that an access rule can allow."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class AccessRule(BaseModel):
    """One kind of request: its method, its service (the type in the catalogue) and its path.

    In a path, `*` stands for one segment and `**` for any remainder.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    method: str
    path: str


def _names(value: Any) -> Any:
    """Reduce roles, which come as objects, to their names. Anything else is left to the validation that follows."""
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in value):
        return sorted(one["name"] for one in value)
    return value


class ApplicationCredential(Row):
    """One of the person's credentials. `expires_at` None: never. Empty `access_rules`: everything that its roles allow.

    Keystone does not report when it was created or last used.
    """

    description: Text = ""
    project_id: Text = ""
    user_id: Text = ""
    roles: Annotated[list[str], BeforeValidator(_names)] = []
    access_rules: Many[AccessRule] = []
    expires_at: Time | None = None
    unrestricted: Annotated[bool, BeforeValidator(bool)] = False


_ONE = TypeAdapter(ApplicationCredential)
_ALL = TypeAdapter(list[ApplicationCredential])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential to create. The caller chooses its secret, which is left out of `repr`, and so out of tracebacks.

    `roles` are names of roles in the token; none means all of them. It is never `unrestricted`, which would allow it to
    create further credentials.
    """

    name: str
    secret: str = field(repr=False)
    description: str = ""
    roles: tuple[str, ...] = ()
    access_rules: tuple[AccessRule, ...] = ()
    expires_at: datetime | None = None


def list_own(connection: Connection, name: str = "") -> list[ApplicationCredential]:
    """List all of the person's credentials, in any project; with a name, only the one of that name.

    GET /users/{id}/application_credentials. Forbidden if the token itself came from an application credential.
    """
    asked = given(name=name or None)
    url = path("users", connection.state.user_id, "application_credentials")
    # Keystone has no limit here and refuses unknown parameters in strict installations.
    rows = read_all(connection, Service.IDENTITY, url, "application_credentials", _ALL, asked, limited=False)
    return [row for row in rows if name in ("", row.name)]


def get(connection: Connection, external_id: str) -> ApplicationCredential:
    """Return one of them (GET /users/{id}/application_credentials/{id}). NotFound; Forbidden for another person's."""
    url = path("users", connection.state.user_id, "application_credentials", external_id)
    return get_part(connection, Service.IDENTITY, url, ("application_credential",), _ONE)


def create(connection: Connection, wanted: Wanted) -> ApplicationCredential:
    """Create a credential for the token's project (POST /users/{id}/application_credentials).

    Conflict if the person already has one of this name. Invalid for a role that the token lacks, for an expiry in the
    past, and for a role that the person has only through a federated group, where the identity provider has no
    `authorization_ttl`. The secret appears neither in the result nor in an error.
    """
    body: dict[str, Any] = given(
        name=wanted.name,
        secret=wanted.secret,
        description=wanted.description,
        roles=[{"name": name} for name in wanted.roles] or None,
        access_rules=[rule.model_dump() for rule in wanted.access_rules] or None,
        expires_at=_written(wanted.expires_at) if wanted.expires_at else None,
        unrestricted=False,
    )
    url = path("users", connection.state.user_id, "application_credentials")
    try:
        response = connection.send(Service.IDENTITY, "POST", url, {"application_credential": body}, expect=(201,))
    except CloudError as error:
        error.detail = error.detail.replace(wanted.secret, "***")  # a rejected body may be quoted in the error
        raise
    return part_of(Service.IDENTITY, response, ("application_credential",), _ONE)


def delete(connection: Connection, external_id: str) -> None:
    """Delete it, with all tokens issued through it, at once (DELETE /users/{id}/application_credentials/{id})."""
    url = path("users", connection.state.user_id, "application_credentials", external_id)
    connection.send(Service.IDENTITY, "DELETE", url, expect=(204,))


def _written(moment: datetime) -> str:
    """Format the time as Keystone reads it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
