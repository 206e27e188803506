"""What the modules of single resources share: addresses, what a creation answers, and how to find what was created."""

from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote

import requests
from pydantic import Field, TypeAdapter

from clouds import errors
from clouds.openstack.paging import part_of, read_all
from clouds.openstack.services import Service
from clouds.openstack.session import Connection

# An id in an answer.
ID = TypeAdapter(Annotated[str, Field(min_length=1)])


class Described(Protocol):
    """A row of Neutron's with its description."""

    @property
    def external_id(self) -> str: ...

    @property
    def description(self) -> str: ...


R = TypeVar("R", bound=Described)


def path(*parts: str) -> str:
    """The parts as a path. Each stays one part: an id with a slash in it leads nowhere else."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def created_id(service: Service, response: requests.Response, key: str) -> str:
    """The id of what was created, below `key` of the answer. Garbled when it names none."""
    return part_of(service, response, (key, "id"), ID)


def in_the_way(error: errors.CloudError, reason: str) -> errors.Conflict:
    """An error that stands for a state that does not allow it, though the cloud's status says otherwise."""
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
    """The project's rows of one of Neutron's collections whose description is the mark.

    Neutron has no metadata: what is created carries the mark as its description, until that gets its own words.
    Compared here again, since old clouds ignore filters that they do not know. ValueError for an empty mark, which
    would find what others have made.
    """
    if not mark:
        raise ValueError("an empty mark")
    mine = {"description": mark, "tenant_id": connection.project_id}
    rows = read_all(connection, Service.NETWORK, path(collection), key, adapter, mine)
    return [row for row in rows if row.description == mark]
