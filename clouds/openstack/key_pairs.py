"""Nova: a person's key pairs. Source: docs.openstack.org/api-ref/compute.

They belong to the person, not to the project: a key pair created in one project exists in all projects of a location.
Nova gives them no metadata and can't rename them, so a repeated step finds its own by name and public key. Their list
is `inventory.compute.list_key_pairs`.
"""

from pydantic import AliasPath, Field, TypeAdapter

from clouds.openstack.inventory import compute
from clouds.openstack.inventory.values import Text
from clouds.openstack.paging import get_part, part_of
from clouds.openstack.resources import path
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class KeyPair(compute.KeyPair):
    """A key pair with its public key, as it was imported."""

    public_key: Text = Field("", validation_alias=AliasPath("keypair", "public_key"))


_KEY_PAIR = TypeAdapter(KeyPair)


def get(connection: Connection, name: str) -> KeyPair:
    """Return the person's key pair of this name (GET /os-keypairs/{name}). NotFound."""
    return get_part(connection, Service.COMPUTE, path("os-keypairs", name), (), _KEY_PAIR)


def import_public_key(connection: Connection, name: str, public_key: str) -> KeyPair:
    """Import a public key in OpenSSH's format as a key pair (POST /os-keypairs). The private key stays where it is.

    Conflict if the person has one of this name; Invalid if it is not a key, or the name has characters that nova does
    not accept (it accepts letters, digits, spaces, _ and -).
    """
    body = {"keypair": {"name": name, "public_key": public_key}}
    response = connection.send(Service.COMPUTE, "POST", "/os-keypairs", body, expect=(200, 201))
    return part_of(Service.COMPUTE, response, (), _KEY_PAIR)


def delete(connection: Connection, name: str) -> None:
    """Delete the key pair (DELETE /os-keypairs/{name}). Servers created with it keep its public key."""
    connection.send(Service.COMPUTE, "DELETE", path("os-keypairs", name), expect=(204,))
