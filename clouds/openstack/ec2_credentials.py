"""Keystone: a person's EC2 credentials, which authenticate S3 requests.

Source: docs.openstack.org/api-ref/identity/v3, "Credentials" with the type ec2. Since Stein (v3.12) the default policy
lets people create and delete their own.

OS-EC2 is not used: there Keystone chooses both keys, and a request whose response is lost would leave a login that
nobody knows. Here the caller chooses the access key and Keystone derives the id from it: a repeated step finds its own
credential, and a duplicate is refused (409). Credentials work in one project with all the roles that the person has
there, and never expire.

Keystone shows a secret key to its owner at any time. It is left out of what is read here.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, TypeAdapter

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack.inventory.values import Row, Text
from clouds.openstack.paging import part_of, read_all
from clouds.openstack.resources import path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

# The API minor version since which Keystone lets people create their own.
SINCE = (3, 12)
TYPE = "ec2"


class _Public(BaseModel):
    """The non-secret part of the blob. `label` is Meshdeck's own: Keystone keeps fields that it does not know."""

    access: Text = ""
    label: Text = ""


def _public(value: Any) -> Any:
    """Parse the blob, which is JSON in a string. Its secret goes no further than this function."""
    try:
        blob = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return _Public()
    known = blob if isinstance(blob, dict) else {}
    return _Public(**{name: text for name in _Public.model_fields if isinstance(text := known.get(name), str)})


class Ec2Credential(Row):
    """One of the person's credentials, without its secret key. `blob.label` is empty if it was created elsewhere."""

    user_id: Text = ""
    project_id: Text = ""
    type: Text = ""
    blob: Annotated[_Public, BeforeValidator(_public)] = _Public()

    @property
    def access(self) -> str:
        """The access key. It is public: each request carries it."""
        return self.blob.access


_ONE = TypeAdapter(Ec2Credential)
_ALL = TypeAdapter(list[Ec2Credential])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential to create. The caller chooses both keys; the secret one is left out of `repr`."""

    access: str
    secret: str = field(repr=False)
    label: str = ""


def id_of(access: str) -> str:
    """Return the id that Keystone gives to the credential of an access key."""
    return hashlib.sha256(access.encode()).hexdigest()


def list_own(connection: Connection) -> list[Ec2Credential]:
    """List all of the person's credentials, in any project (GET /credentials). Forbidden under older policies."""
    asked = {"user_id": connection.state.user_id, "type": TYPE}
    # Keystone has no limit here and refuses unknown parameters in strict installations.
    rows = read_all(connection, Service.IDENTITY, path("credentials"), "credentials", _ALL, asked, limited=False)
    return [row for row in rows if _is_own(connection, row)]


def get(connection: Connection, external_id: str) -> Ec2Credential:
    """Return one of the person's credentials. NotFound, also for another person's.

    Reads the list: for an unknown id, as for somebody else's, Keystone answers 403 to everyone but admins.
    """
    for row in list_own(connection):
        if row.external_id == external_id:
            return row
    raise errors.NotFound("Identity has no such EC2 credential of yours.", service=Service.IDENTITY)


def create(connection: Connection, wanted: Wanted) -> Ec2Credential:
    """Create a credential for the token's project (POST /credentials).

    Conflict if this access key is taken. Forbidden where Keystone's policy lets only admins create credentials. The
    secret key appears neither in the result nor in an error.
    """
    blob = {"access": wanted.access, "secret": wanted.secret, "label": wanted.label}
    body = {
        "type": TYPE,
        "user_id": connection.state.user_id,
        "project_id": connection.project_id,
        "blob": json.dumps(blob),
    }
    try:
        response = connection.send(Service.IDENTITY, "POST", "/credentials", {"credential": body}, expect=(201,))
    except CloudError as error:
        error.detail = error.detail.replace(wanted.secret, "***")  # a rejected body may be quoted in the error
        raise
    return part_of(Service.IDENTITY, response, ("credential",), _ONE)


def delete(connection: Connection, external_id: str) -> None:
    """Delete it (DELETE /credentials/{id}): requests signed with it are refused from then on.

    NotFound if it is already gone. A gateway that caches secrets may accept it until its cache expires (swift:
    `secret_cache_duration`, 60 s).
    """
    try:
        connection.send(Service.IDENTITY, "DELETE", path("credentials", external_id), expect=(204,))
    except errors.Forbidden:
        get(connection, external_id)
        raise


def _is_own(connection: Connection, row: Ec2Credential) -> bool:
    """Check the owner again here: cloud administrators get everybody's credentials, and old clouds ignore filters."""
    return row.user_id == connection.state.user_id and row.type.lower() == TYPE
