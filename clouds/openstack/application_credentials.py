"""Keystone: a person's application credentials. Source: docs.openstack.org/api-ref/identity/v3, since Queens (v3.10).

They belong to a person and work in one project: the one that the token was for when they were made. Their name is the
person's only one of that name, in all projects: a step that is repeated finds its own by it, and Keystone itself makes
no second (409). Nobody but the owner sees them, and nobody reads a secret twice.
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

# Which Keystones have them, and which let them be narrowed to some requests (Train), by the API's minor version.
SINCE = (3, 10)
ACCESS_RULES_SINCE = (3, 13)


class Method(StrEnum):
    """What an access rule may allow."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class AccessRule(BaseModel):
    """One kind of request: by which method, to which service (its type in the catalogue), at which path.

    In a path `*` stands for one part and `**` for any rest.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    method: str
    path: str


def _names(value: Any) -> Any:
    """Roles come as objects with a name. What is none is left for the check behind this."""
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in value):
        return sorted(one["name"] for one in value)
    return value


class ApplicationCredential(Row):
    """One of the person's credentials. `expires_at` None: it never ends. `access_rules` empty: all that its roles may.

    Keystone does not say when it was made, or used.
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
    """A credential to be made. Its secret is the caller's choice, and stays out of `repr`, so out of tracebacks.

    `roles` are names of roles in the token; none means all of them. Never `unrestricted`: it could make others.
    """

    name: str
    secret: str = field(repr=False)
    description: str = ""
    roles: tuple[str, ...] = ()
    access_rules: tuple[AccessRule, ...] = ()
    expires_at: datetime | None = None


def list_own(connection: Connection, name: str = "") -> list[ApplicationCredential]:
    """All of the person's, in whichever project they work; with a name, the one that has it or none.

    GET /users/{id}/application_credentials. Forbidden for a token that was itself had by such a credential.
    """
    asked = given(name=name or None)
    url = path("users", connection.state.user_id, "application_credentials")
    # Keystone has no limit here and refuses unknown parameters in strict installations.
    rows = read_all(connection, Service.IDENTITY, url, "application_credentials", _ALL, asked, limited=False)
    return [row for row in rows if name in ("", row.name)]


def get(connection: Connection, external_id: str) -> ApplicationCredential:
    """One of the person's (GET /users/{id}/application_credentials/{id}). NotFound; Forbidden for somebody else's."""
    url = path("users", connection.state.user_id, "application_credentials", external_id)
    return get_part(connection, Service.IDENTITY, url, ("application_credential",), _ONE)


def create(connection: Connection, wanted: Wanted) -> ApplicationCredential:
    """Makes a credential for the token's project (POST /users/{id}/application_credentials).

    Conflict when the person has one of this name. Invalid for a role that the token has not, for an end in the past,
    and for a role that Keystone knows of the person by group alone, where its provider has no `authorization_ttl`.
    Not found in the answer, nor in an error: the secret.
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
        error.detail = error.detail.replace(wanted.secret, "***")  # what refuses a body may quote it
        raise
    return part_of(Service.IDENTITY, response, ("application_credential",), _ONE)


def delete(connection: Connection, external_id: str) -> None:
    """Ends it at once, with all tokens that were had by it (DELETE /users/{id}/application_credentials/{id})."""
    url = path("users", connection.state.user_id, "application_credentials", external_id)
    connection.send(Service.IDENTITY, "DELETE", url, expect=(204,))


def _written(moment: datetime) -> str:
    """As Keystone reads it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
