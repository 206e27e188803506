"""Requests to the identity provider: with a time limit and a size limit, never redirected, JSON or a typed error."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from portal.identity.errors import ProviderRefused, ProviderUnreachable

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 3.0, 5.0, 8.0
MOST_BYTES = 1 << 20


class Bearer(AuthBase):
    """An access token in the Authorization header. As an auth object it also keeps ~/.netrc out."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def ask(
    method: str,
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    auth: Bearer | HTTPBasicAuth | None = None,
) -> dict[str, Any]:
    """Return the JSON object that the provider answers with.

    Raises ProviderRefused for a 4xx, with the response's OAuth error code (RFC 6749, section 5.2) or `http_<status>`;
    ProviderUnreachable for no answer in time, 5xx, a redirect, more than 1 MiB, or anything but a JSON object.
    """
    status, body = _fetch(method, url, data, auth)
    if status in (408, 429) or not (200 <= status < 300 or 400 <= status < 500):
        raise ProviderUnreachable(f"{url} answered {status}.")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        if status >= 400:
            raise ProviderRefused(f"http_{status}") from error
        raise ProviderUnreachable(f"{url} did not answer with JSON.") from error
    if status >= 400:
        code = answer.get("error") if isinstance(answer, dict) else None
        known = isinstance(code, str) and re.fullmatch(r"[a-z_]{1,60}", code)
        raise ProviderRefused(str(code) if known else f"http_{status}")
    if not isinstance(answer, dict):
        raise ProviderUnreachable(f"{url} answered with JSON that is not an object.")
    return answer


def tell(url: str, *, data: Mapping[str, str], auth: HTTPBasicAuth | Bearer | None) -> None:
    """POST where only the status matters, such as a revocation (RFC 7009). Raises what `ask` raises."""
    status, _ = _fetch("POST", url, data, auth)
    if 400 <= status < 500:
        raise ProviderRefused(f"http_{status}")
    if not 200 <= status < 300:
        raise ProviderUnreachable(f"{url} answered {status}.")


def _fetch(
    method: str, url: str, data: Mapping[str, str] | None, auth: HTTPBasicAuth | Bearer | None
) -> tuple[int, bytes]:
    started = time.monotonic()
    try:
        with requests.request(
            method,
            url,
            data=data,
            auth=auth or Bearer(),
            headers={"Accept": "application/json"},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = bytearray()
            # read1 returns what has arrived, while requests' own iteration waits for a whole chunk: the read timeout
            # counts anew for each piece, so a body that trickles in could take forever.
            while piece := response.raw.read1(4096, decode_content=True):
                body += piece
                if len(body) > MOST_BYTES:
                    raise ProviderUnreachable(f"{url} answered more than {MOST_BYTES} bytes.")
                if time.monotonic() - started > TOTAL_SECONDS:
                    raise ProviderUnreachable(f"{url} took more than {TOTAL_SECONDS:.0f} s to answer.")
            return response.status_code, bytes(body)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        # The class is enough; the message repeats the whole request.
        raise ProviderUnreachable(f"{url} did not answer ({type(error).__name__}).") from error
