"""Whether the parts of a foundation answer, and how fast."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clouds.cloudfoundry.http import Http, Part
from clouds.errors import CloudError, NotFound, ServerFault

# What each part tells a stranger.
_ASKED = {Part.CLOUD_CONTROLLER: "/", Part.UAA: "/info", Part.LOGIN: "/info"}


@dataclass(frozen=True, slots=True)
class Ping:
    """One part's answer. `latency_ms` is also there when it failed. `error` None: it answers."""

    part: Part
    latency_ms: int
    error: CloudError | None


def ping(addresses: Mapping[Part, str], ca_bundle: str = "") -> list[Ping]:
    """Asks each part, in parallel and without a token. Raises no CloudError: each part has its own."""
    if not addresses:
        return []

    def ask(part: Part) -> Ping:
        began = time.monotonic()
        fault: CloudError | None = None
        try:
            with Http(ca_bundle) as http:
                http.get(part, addresses[part].rstrip("/") + _ASKED[part])
        except NotFound as error:
            # Each of them has this address: where it is not there, the part is not.
            fault = ServerFault(error.reason, status=error.status, request_id=error.request_id, url=error.url)
        except CloudError as error:
            fault = error
        return Ping(part, round(1000 * (time.monotonic() - began)), fault)

    with ThreadPoolExecutor(len(addresses), thread_name_prefix="ping") as pool:
        return list(pool.map(ask, addresses))
