"""The only module that sends requests to a cloud: keystoneauth's session with our limits and our checks.

No retries, no cookies, no proxies or .netrc from the environment (a .netrc would replace the bearer token).
"""

import logging
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import certifi
import pydantic_core
import requests
import urllib3
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session as KeystoneSession
from pydantic import TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter

from clouds import errors
from clouds.openstack import answers
from clouds.openstack.services import Microversion, Service

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
WHOLE_SECONDS = 30.0  # for a body that trickles in: each chunk may arrive in time while the whole never ends
PARALLEL = 16  # more than a refresh has calls, so that no call waits for another's connection
USER_AGENT = "meshdeck"
_MOST_REDIRECTS = 5
_PIECE = 1 << 18

# keystoneauth logs response bodies there: a server's user data, a console URL with its token, a password.
logging.getLogger("keystoneauth.session.body").addFilter(lambda _: False)

T = TypeVar("T")
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was made. `status` is None if no answer came; `ms` includes reading the whole body."""

    service: Service
    method: str
    path: str
    status: int | None
    ms: int


@lru_cache(maxsize=32)
def _tls(ca_bundle: str) -> ssl.SSLContext:
    """Trust the public authorities and `ca_bundle` (PEM). Cached: reading the authorities takes 20 ms."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_bundle:
        context.load_verify_locations(cadata=ca_bundle)
    return context


class _Adapter(HTTPAdapter):
    """Shares one TLS context between all connections; requests would read the authorities for each."""

    def __init__(self, ca_bundle: str) -> None:
        self._ca_bundle = ca_bundle
        super().__init__(pool_connections=PARALLEL, pool_maxsize=PARALLEL, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=_tls(self._ca_bundle), **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Refuse to switch verification off; otherwise the TLS context verifies."""
        conn.cert_reqs = "CERT_REQUIRED"


class Session(requests.Session):
    """A requests session with our timeouts, which reads every body to its end within WHOLE_SECONDS."""

    def __init__(self, ca_bundle: str = "") -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        try:
            adapter = _Adapter(ca_bundle)
        except ssl.SSLError:
            raise errors.Unreachable("The location's CA bundle holds no readable PEM certificate.") from None
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["stream"] = True
        end = time.monotonic() + WHOLE_SECONDS
        response = super().request(method, url, *args, **kwargs)
        try:
            response._content = _body(response, end)
            response._content_consumed = True  # type: ignore[attr-defined]
        finally:
            response.close()
        return response


def _body(response: requests.Response, end: float) -> bytes:
    """Read the body chunk by chunk as it arrives: `read` would wait for each chunk to be full."""
    pieces = []
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            if time.monotonic() > end:
                raise requests.exceptions.ReadTimeout
    except urllib3.exceptions.ReadTimeoutError:
        raise requests.exceptions.ReadTimeout from None
    except urllib3.exceptions.DecodeError:
        raise requests.exceptions.ContentDecodingError from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError from error
    return b"".join(pieces)


class _Session(KeystoneSession):
    """keystoneauth's session without logging of bodies. Redirects are not followed and count as failures."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        if kwargs.get("json") is not None or kwargs.get("data") is not None:
            kwargs["log"] = False  # there is no other way to leave the body out
        response = super().request(*args, **kwargs)
        if response.is_redirect and kwargs.get("redirect") is None:
            raise answers.from_response(None, response)
        return response


class Http:
    """Requests to the services of one cloud, for one task. Thread-safe.

    `calls` lists every request made, for counting and latencies. `request_id` is sent with each request, and the
    services pass it on to each other, so that one task can be followed through all their logs. `deadline`, on the
    monotonic clock, is when the task has to be finished: later requests raise TimedOut without being sent.
    """

    def __init__(self, ca_bundle: str = "", request_id: str | None = None, auth: BaseAuthPlugin | None = None) -> None:
        self.request_id = request_id or f"req-{uuid4()}"
        self.session = _Session(
            auth,
            Session(ca_bundle),
            redirect=False,  # keystoneauth would carry the token to any host
            user_agent=USER_AGENT,
            split_loggers=True,  # gives the bodies a logger of their own
            additional_headers={"X-Openstack-Request-Id": self.request_id, "Accept": "application/json"},
        )
        self.calls: list[Call] = []
        self.deadline: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the TCP connections."""
        self.session.session.close()

    def heed_deadline(self, service: Service, url: str) -> None:
        """Raise TimedOut if the task's deadline has passed. Call it before sending anything."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise errors.TimedOut(
                f"{service.label} was too slow: not everything could be done in time.",
                service=service,
                url=errors.bare_url(url),
            )

    def request(
        self,
        service: Service,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json: Any = None,
        expect: Collection[int] = (200,),
        authenticated: bool = False,
        microversion: Microversion | None = None,
    ) -> requests.Response:
        """Return the response if its status is expected; otherwise raise the CloudError for it.

        A GET follows redirects, but never to another host: the token goes along.
        """
        options = {"headers": headers, "json": json, "authenticated": authenticated, "microversion": microversion}
        for _ in range(_MOST_REDIRECTS):
            response = self._send(service, method, url, params=params, **options)
            if response.status_code in expect:
                return response
            target = _same_host(url, response) if method == "GET" else None
            if target is None:
                raise answers.from_response(service, response)
            url, params = target, None
        raise answers.garbled(service, response, "is an endless chain of redirects")

    def _send(self, service: Service, method: str, url: str, **options: Any) -> requests.Response:
        try:
            path = urlsplit(url).path
        except ValueError:
            raise errors.Unreachable(f"{service.label}'s address can't be used.", service=service) from None
        start, status = time.monotonic(), None
        self.heed_deadline(service, url)
        try:
            with answers.translated(service, url):
                response = self.session.request(
                    url,
                    method,
                    endpoint_filter={"service_type": service.value},
                    raise_exc=False,
                    redirect=False,
                    log=method == "GET",  # request bodies sent from here hold tokens
                    **options,
                )
            status = response.status_code
        finally:
            ms = round(1000 * (time.monotonic() - start))
            self.calls.append(Call(service, method, path, status, ms))
        return response


def _same_host(url: str, response: requests.Response) -> str | None:
    """Return the address that the response redirects to, if it is on the host of `url`."""
    if not response.is_redirect:
        return None
    try:
        target = urljoin(url, response.headers["location"])
        here, there = urlsplit(url), urlsplit(target)
    except ValueError:
        return None
    return target if (here.scheme, here.netloc) == (there.scheme, there.netloc) else None


def json_object(service: Service | None, response: requests.Response) -> dict[str, Any]:
    """Return the JSON object of a response, whatever its content type says. Garbled if it isn't one."""
    try:
        body = pydantic_core.from_json(response.content)
    except ValueError:
        text = response.content.lstrip()[:1]
        what = "is empty" if not text else "is HTML, not JSON" if text == b"<" else "is incomplete or invalid JSON"
        raise answers.garbled(service, response, what) from None
    if not isinstance(body, dict):
        raise answers.garbled(service, response, "is JSON, but not an object")
    return body


def parse(service: Service | None, response: requests.Response, adapter: TypeAdapter[T], value: Any) -> T:
    """Return `value`, a part of the response, as the adapter's type. Garbled, naming the field, if it does not fit."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        # The first fault is enough. Leave out its value: it may be anything that a user has written.
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the top level"
        raise answers.garbled(service, response, f"has an unexpected value at {where}: {fault['msg']}") from None
