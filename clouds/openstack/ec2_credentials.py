"""Keystone: a person's EC2 credentials, by which S3 knows who asks. Source: docs.openstack.org/api-ref/identity/v3,
"Credentials" with the type ec2. Since Stein (v3.12) its default policy lets people make and end their own.

Not by OS-EC2, where Keystone chooses both keys: there a request whose answer is lost leaves a login that nobody knows.
Here the access key is the caller's, and Keystone makes the id of it: whoever repeats a step finds its own, and makes no
second (409). They work in one project with all roles that the person has there, and never end by themselves.

Keystone shows a secret key to its owner whenever it is asked. It is left out of what is read here.
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

# Which Keystones let people make their own by the API's minor version.
SINCE = (3, 12)
TYPE = "ec2"


class _Public(BaseModel):
    """What may be known of the blob. `label` is ours: Keystone keeps what it does not know."""

    access: Text = ""
    label: Text = ""


def _public(value: Any) -> Any:
    """The blob is JSON in a string; its secret goes no further than here."""
    try:
        blob = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return _Public()
    known = blob if isinstance(blob, dict) else {}
    return _Public(**{name: text for name in _Public.model_fields if isinstance(text := known.get(name), str)})


class Ec2Credential(Row):
    """One of the person's credentials, without its secret key. `blob.label` is empty for those made elsewhere."""

    user_id: Text = ""
    project_id: Text = ""
    type: Text = ""
    blob: Annotated[_Public, BeforeValidator(_public)] = _Public()

    @property
    def access(self) -> str:
        """The access key. Public: each request carries it."""
        return self.blob.access


_ONE = TypeAdapter(Ec2Credential)
_ALL = TypeAdapter(list[Ec2Credential])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A credential to be made. Both keys are the caller's choice; the secret one stays out of `repr`."""

    access: str
    secret: str = field(repr=False)
    label: str = ""


def id_of(access: str) -> str:
    """The id that Keystone gives to the credential of an access key."""
    return hashlib.sha256(access.encode()).hexdigest()


def list_own(connection: Connection) -> list[Ec2Credential]:
    """All of the person's, in whichever project they work (GET /credentials). Forbidden where policy is older."""
    asked = {"user_id": connection.state.user_id, "type": TYPE}
    # Keystone has no limit here and refuses unknown parameters in strict installations.
    rows = read_all(connection, Service.IDENTITY, path("credentials"), "credentials", _ALL, asked, limited=False)
    return [row for row in rows if _is_own(connection, row)]


def get(connection: Connection, external_id: str) -> Ec2Credential:
    """One of the person's. NotFound, also for another person's.

    By the list: of an id that it does not know Keystone says 403 to all but admins, as of somebody else's.
    """
    for row in list_own(connection):
        if row.external_id == external_id:
            return row
    raise errors.NotFound("Identity knows no such EC2 credential of yours.", service=Service.IDENTITY)


def create(connection: Connection, wanted: Wanted) -> Ec2Credential:
    """Makes a credential for the token's project (POST /credentials).

    Conflict when there is one of this access key. Forbidden where Keystone's policy lets only admins make them.
    Not found in the answer, nor in an error: the secret key.
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
        error.detail = error.detail.replace(wanted.secret, "***")  # what refuses a body may quote it
        raise
    return part_of(Service.IDENTITY, response, ("credential",), _ONE)


def delete(connection: Connection, external_id: str) -> None:
    """Ends it (DELETE /credentials/{id}): what is signed with it is refused from then on.

    NotFound when it is gone. A gateway that keeps secrets may take it for as long as it does (swift:
    `secret_cache_duration`, 60 s).
    """
    try:
        connection.send(Service.IDENTITY, "DELETE", path("credentials", external_id), expect=(204,))
    except errors.Forbidden:
        get(connection, external_id)
        raise


def _is_own(connection: Connection, row: Ec2Credential) -> bool:
    """Compared here again: whoever administers the cloud is told everybody's, and old clouds ignore filters."""
    return row.user_id == connection.state.user_id and row.type.lower() == TYPE
