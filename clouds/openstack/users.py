"""Keystone: users of a domain, managed by an account of the domain (docs.openstack.org/api-ref/identity/v3).

A name is unique in a domain: a repeated step finds the user by it, and a duplicate is refused (409).
"""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from clouds.errors import CloudError
from clouds.openstack.inventory.values import Row, Text
from clouds.openstack.paging import get_part, part_of, read_all
from clouds.openstack.resources import path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class User(Row):
    """A user, with the fields used here."""

    domain_id: Text = ""
    description: Text = ""
    default_project_id: Text = ""


_ONE = TypeAdapter(User)
_ALL = TypeAdapter(list[User])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A user to create. The caller chooses the password, which is left out of `repr`, and so out of tracebacks."""

    name: str
    password: str = field(repr=False)
    domain_id: str
    project_id: str
    description: str = ""


def find(connection: Connection, domain_id: str, name: str) -> list[User]:
    """Return the user of this name in the domain: one or none (GET /users)."""
    asked = {"domain_id": domain_id, "name": name}
    # Keystone has no limit here and refuses unknown parameters in strict installations.
    rows = read_all(connection, Service.IDENTITY, path("users"), "users", _ALL, asked, limited=False)
    return [row for row in rows if row.name == name and row.domain_id == domain_id]


def get(connection: Connection, external_id: str) -> User:
    """Return one user (GET /users/{id}). If it doesn't exist: Forbidden for all but admins of the whole cloud."""
    return get_part(connection, Service.IDENTITY, path("users", external_id), ("user",), _ONE)


def create(connection: Connection, wanted: Wanted) -> User:
    """Create a user without any role (POST /users). Conflict if the name is taken in the domain.

    The user is exempt from changing its first password, because no person logs in as it. The password appears neither
    in the result nor in an error.
    """
    body = {
        "name": wanted.name,
        "password": wanted.password,
        "domain_id": wanted.domain_id,
        "default_project_id": wanted.project_id,
        "description": wanted.description,
        "options": {"ignore_change_password_upon_first_use": True},
    }
    try:
        response = connection.send(Service.IDENTITY, "POST", "/users", {"user": body}, expect=(201,))
    except CloudError as error:
        error.detail = error.detail.replace(wanted.password, "***")  # a rejected body may be quoted in the error
        raise
    return part_of(Service.IDENTITY, response, ("user",), _ONE)


def grant(connection: Connection, external_id: str, project_id: str, role_id: str) -> None:
    """Grant a user a role in a project (PUT /projects/{id}/users/{id}/roles/{id}). Idempotent."""
    where = path("projects", project_id, "users", external_id, "roles", role_id)
    connection.send(Service.IDENTITY, "PUT", where, expect=(204,))


def delete(connection: Connection, external_id: str) -> None:
    """Delete a user at once, with all of its tokens and credentials (DELETE /users/{id})."""
    connection.send(Service.IDENTITY, "DELETE", path("users", external_id), expect=(204,))
