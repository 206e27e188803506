"""Swift: containers with their sizes, and the account's limit. Source: docs.openstack.org/api-ref/object-store."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

import pydantic_core
import requests
from pydantic import AliasChoices, Field, TypeAdapter

from clouds.openstack import answers
from clouds.openstack.http import parse
from clouds.openstack.inventory.values import Limit, Measure, Row, Time
from clouds.openstack.paging import MOST_PAGES
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class Container(Row):
    """A container; its name is its id. Swift's counts lag a little."""

    external_id: str = Field(validation_alias=AliasChoices("name", "external_id"), min_length=1)
    objects_count: int = Field(validation_alias="count")
    bytes_used: int = Field(validation_alias="bytes")
    updated_at: Time | None = Field(None, validation_alias="last_modified")


class Objects(NamedTuple):
    """Swift's part. `limits` is empty if the account has no quota."""

    containers: list[Container]
    limits: list[Limit]


_CONTAINERS = TypeAdapter(list[Container])
_NUMBER = TypeAdapter(int)


def start(pool: Executor, connection: Connection) -> Callable[[], Objects]:
    """Start the calls and return a function that waits for them."""
    return pool.submit(read_account, connection).result


def read_account(connection: Connection) -> Objects:
    """Return the containers and the quota (GET the account, in pages of the cloud's own size, usually 10,000).

    The headers give the number of containers, so a list of one page needs one request.
    """
    rows: dict[str, Container] = {}
    params = {"format": "json"}
    for _ in range(MOST_PAGES):
        response = connection.get(Service.OBJECT_STORE, "", params)
        page = _page(response)
        before = len(rows)
        for row in page:
            rows.setdefault(row.external_id, row)
        if not page or (len(rows) >= _header(response, "X-Account-Container-Count", 0)):
            return Objects(list(rows.values()), _limits(response))
        if len(rows) == before:
            raise answers.garbled(Service.OBJECT_STORE, response, "repeats its pages endlessly")
        params = {"format": "json", "marker": page[-1].name}
    raise answers.garbled(Service.OBJECT_STORE, response, f"has more than {MOST_PAGES} pages")


def _page(response: requests.Response) -> list[Container]:
    if response.status_code == 204:  # an account without containers, in old releases
        return []
    try:
        body = pydantic_core.from_json(response.content)
    except ValueError:
        raise answers.garbled(Service.OBJECT_STORE, response, "is incomplete or invalid JSON") from None
    return parse(Service.OBJECT_STORE, response, _CONTAINERS, body)


def _header(response: requests.Response, name: str, default: int) -> int:
    return parse(Service.OBJECT_STORE, response, _NUMBER, response.headers.get(name, default))


def _limits(response: requests.Response) -> list[Limit]:
    used = _header(response, "X-Account-Bytes-Used", 0)
    quota = _header(response, "X-Account-Meta-Quota-Bytes", -1)
    return [Limit(measure=Measure.OBJECT_BYTES, used=used, allowed=quota)] if quota >= 0 else []
