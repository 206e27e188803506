"""Shared by the modules of single resources: paths, ids of created resources, and finding what was created."""

from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote

import requests
from pydantic import Field, TypeAdapter

from clouds import errors
from clouds.openstack.paging import part_of, read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

# An id in a response.
ID = TypeAdapter(Annotated[str, Field(min_length=1)])


class Described(Protocol):
    """A row of Neutron's with its description."""

    @property
    def external_id(self) -> str: ...

    @property
    def description(self) -> str: ...


R = TypeVar("R", bound=Described)


def path(*parts: str) -> str:
    """Join the parts as a path. Each is quoted, so that an id with a slash in it can't lead elsewhere."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def created_id(service: Service, response: requests.Response, key: str) -> str:
    """Return the created resource's id, below `key` of the response. Garbled if there is none."""
    return part_of(service, response, (key, "id"), ID)


def in_the_way(error: errors.CloudError, reason: str) -> errors.Conflict:
    """Return a Conflict for an error that means a wrong state although its status says otherwise."""
    return errors.Conflict(
        reason,
        service=error.service,
        status=error.status,
        request_id=error.request_id,
        url=error.url,
        detail=error.detail,
    )


def find_described(
    connection: Connection, collection: str, key: str, adapter: TypeAdapter[list[R]], mark: str
) -> list[R]:
    """Return the project's rows of one of Neutron's collections whose description is the mark.

    Neutron has no metadata: a new resource carries the mark as its description until the requested one is written. The
    description is compared again here, since old clouds ignore filters that they don't know. ValueError for an empty
    mark, which would find what others have created.
    """
    if not mark:
        raise ValueError("an empty mark")
    mine = {"description": mark, "tenant_id": connection.project_id}
    rows = read_all(connection, Service.NETWORK, path(collection), key, adapter, mine)
    return [row for row in rows if row.description == mark]
