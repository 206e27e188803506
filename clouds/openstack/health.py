"""Whether the services of a location answer, and how fast: for the page of a cloud with problems."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clouds.errors import CloudError
from clouds.openstack.http import Http
from clouds.openstack.services import Endpoint, Service

# Any answer to a request without a token shows that the service is up; only 5xx means that it is not.
_ANSWERS = tuple(range(200, 500))


@dataclass(frozen=True, slots=True)
class Ping:
    """One service's answer. `latency_ms` is also set on failure: the time waited. `error` None: it answered."""

    service: Service
    version: str
    latency_ms: int
    error: CloudError | None


def ping(endpoints: Iterable[Endpoint], ca_bundle: str = "") -> list[Ping]:
    """Ask each service for its version document (swift for its /info), in parallel and without a token.

    Takes at most 10 s, or 15 s if name resolution or a connection hangs too. Raises no CloudError: each result carries
    its own.
    """
    asked = list(endpoints)
    if not asked:
        return []
    with Http(ca_bundle) as http, ThreadPoolExecutor(len(asked), thread_name_prefix="ping") as pool:
        return list(pool.map(lambda endpoint: _ping(http, endpoint), asked))


def _ping(http: Http, endpoint: Endpoint) -> Ping:
    began, fault = time.monotonic(), None
    path = "/info" if endpoint.service is Service.OBJECT_STORE else "/"
    try:
        http.request(endpoint.service, "GET", endpoint.root + path, expect=_ANSWERS)
    except CloudError as error:
        fault = error
    return Ping(endpoint.service, endpoint.version, round(1000 * (time.monotonic() - began)), fault)
