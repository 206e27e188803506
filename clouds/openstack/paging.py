"""Read lists to their end, whatever page size the cloud prefers.

Sources: nova and cinder `servers_links`/`volumes_links` with rel=next, neutron the same, glance `next`, keystone
`links.next`, swift by marker (docs.openstack.org/api-ref).
"""

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from pydantic import TypeAdapter

from clouds.openstack import answers
from clouds.openstack.http import Params, json_object, parse
from clouds.openstack.services import Service

# A cloud takes some seconds to compute 500 servers; a thousand would come near our timeout.
PAGE = 500
MOST_PAGES = 1000


class Keyed(Protocol):
    """A row with the id that identifies it in a list."""

    @property
    def external_id(self) -> str: ...


T = TypeVar("T")
R = TypeVar("R", bound=Keyed)


class Getter(Protocol):
    """What paging needs of a connection. `page_size` is the number of rows requested per page."""

    page_size: int

    def get(self, service: Service, path: str, params: Params | None = None) -> requests.Response: ...


def read_all(
    connection: Getter,
    service: Service,
    path: str,
    key: str,
    adapter: TypeAdapter[list[R]],
    params: Params | None = None,
    *,
    limited: bool = True,
) -> list[R]:
    """Return every row below `key` of the list at `path`, each once and in the cloud's order.

    If pages repeat a row (rows move during reading), the first one is kept. A page with nothing new that announces more
    would never end: Garbled. With `limited` False no limit is sent.
    """
    asked: Params = {**(params or {}), **({"limit": connection.page_size} if limited else {})}
    rows: dict[str, R] = {}
    for _ in range(MOST_PAGES):
        response = connection.get(service, path, asked)
        body = json_object(service, response)
        if key not in body:
            raise answers.garbled(service, response, f"has no {key}")
        before = len(rows)
        for row in parse(service, response, adapter, body[key]):
            rows.setdefault(row.external_id, row)
        following = _next_query(body, key)
        if following is None:
            return list(rows.values())
        if len(rows) == before:
            raise answers.garbled(service, response, "repeats its pages endlessly")
        asked = following
    raise answers.garbled(service, response, f"has more than {MOST_PAGES} pages")


def get_part(connection: Getter, service: Service, path: str, keys: tuple[str, ...], adapter: TypeAdapter[T]) -> T:
    """Return the part of the JSON object at `path` below `keys`. Garbled when it is missing or does not fit."""
    return part_of(service, connection.get(service, path), keys, adapter)


def part_of(service: Service, response: requests.Response, keys: tuple[str, ...], adapter: TypeAdapter[T]) -> T:
    """Return the part of a response's JSON object below `keys`. Garbled when it is missing or does not fit."""
    part: Any = json_object(service, response)
    for key in keys:
        if not isinstance(part, dict) or key not in part:
            raise answers.garbled(service, response, f"has no {'.'.join(keys)}")
        part = part[key]
    return parse(service, response, adapter, part)


def _next_query(body: dict[str, Any], key: str) -> Params | None:
    """Return the next page's query. Only the query: behind proxies the link's scheme and host are often wrong."""
    for href in _next_links(body, key):
        return dict(parse_qsl(urlsplit(href).query))
    return None


def _next_links(body: dict[str, Any], key: str) -> Iterator[str]:
    links = body.get(f"{key}_links") or body.get("links") or []
    if isinstance(links, list):
        for link in links:
            if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
                yield link["href"]
    elif isinstance(links, dict) and isinstance(links.get("next"), str):
        yield links["next"]
    if isinstance(body.get("next"), str):
        yield body["next"]
