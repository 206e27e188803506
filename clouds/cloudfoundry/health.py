"""Whether the parts of a foundation answer, and how fast."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clouds.cloudfoundry.http import Http, Part
from clouds.errors import CloudError, NotFound, ServerFault

# What each part answers without a token.
_ASKED = {Part.CLOUD_CONTROLLER: "/", Part.UAA: "/info", Part.LOGIN: "/info"}


@dataclass(frozen=True, slots=True)
class Ping:
    """One part's answer. `latency_ms` is set even if the request failed. `error` is None if the part answered."""

    part: Part
    latency_ms: int
    error: CloudError | None


def ping(addresses: Mapping[Part, str], ca_bundle: str = "") -> list[Ping]:
    """Ask each part, in parallel and without a token. Raises no CloudError: each result carries its own."""
    if not addresses:
        return []

    def ask(part: Part) -> Ping:
        began = time.monotonic()
        fault: CloudError | None = None
        try:
            with Http(ca_bundle) as http:
                http.get(part, addresses[part].rstrip("/") + _ASKED[part])
        except NotFound as error:
            # Every running part has this address: a 404 means that the part is missing.
            fault = ServerFault(error.reason, status=error.status, request_id=error.request_id, url=error.url)
        except CloudError as error:
            fault = error
        return Ping(part, round(1000 * (time.monotonic() - began)), fault)

    with ThreadPoolExecutor(len(addresses), thread_name_prefix="ping") as pool:
        return list(pool.map(ask, addresses))
