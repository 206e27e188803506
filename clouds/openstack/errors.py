"""One exception tree for everything that can go wrong with a cloud, and the functions that map errors into it.

Sources: keystoneauth1.exceptions, openstack.exceptions, requests.exceptions; the error bodies of the services
(docs.openstack.org/api-ref: nova and cinder `{"itemNotFound": {"message", "code"}}`, neutron `{"NeutronError":
{"type", "message"}}`, keystone `{"error": {"message"}}`, swift and glance plain text or HTML).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import requests
from keystoneauth1 import exceptions as ksa
from openstack import exceptions as sdk

from clouds.openstack.services import Service

# Patterns of tokens: Fernet and JWS tokens of Keystone, JWTs of identity providers, bearer headers.
_SECRETS = re.compile(r"gAAAA[\w=-]{16,}|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?|(?<=[Bb]earer )\S+")
_DETAIL_LENGTH = 300
_OVER_QUOTA = re.compile(r"over ?quota|quota.{0,20}exceed|exceed.{0,40}quota|over ?limit", re.IGNORECASE)
# Cinder says it like this, and so does nova when it asks cinder, with a 400.
_STATE = re.compile(r"invalid (volume|snapshot): ", re.IGNORECASE)
_RATE_LIMIT = re.compile(r"rate.?limit", re.IGNORECASE)


class CloudError(Exception):
    """A cloud did not do what was asked.

    `reason` is one plain sentence for people. `detail` is the cloud's own message, if any, shortened and without
    tokens. `service` is None where no single service is at fault; `status` is the HTTP status; `url` has no query and
    no credentials; `request_id` is the id that the cloud's operator finds in the logs. `code` names the class for
    translations.
    """

    code: ClassVar[str] = "failed"

    def __init__(
        self,
        reason: str,
        *,
        service: Service | None = None,
        status: int | None = None,
        request_id: str = "",
        url: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.service = service
        self.status = status
        self.request_id = request_id
        self.url = url
        self.detail = detail

    def __str__(self) -> str:
        return self.reason


class Unreachable(CloudError):
    """No connection: name not found, port closed, TLS refused, or connection broken."""

    code = "unreachable"


class Untrusted(Unreachable):
    """TLS refused: the certificate is untrusted, has expired, or belongs to another host."""

    code = "untrusted"


class TimedOut(CloudError):
    """No complete answer in time, whether a connection was made or not."""

    code = "timed_out"


class Unauthorized(CloudError):
    """The token is not, or no longer, accepted (401)."""

    code = "unauthorized"


class Forbidden(CloudError):
    """The cloud's policy does not allow this user to do it (403)."""

    code = "forbidden"


class NotFound(CloudError):
    """It does not exist, or this user has no access to it (404)."""

    code = "not_found"


class Conflict(CloudError):
    """The resource is in the wrong state for it (409), or has changed since the request was prepared (412)."""

    code = "conflict"


class Invalid(CloudError):
    """The cloud understood the request and rejects it (400 and other 4xx), or lacks the feature (501)."""

    code = "invalid"


class QuotaExceeded(CloudError):
    """The request exceeds the project's quota (403, 409 or 413, depending on the service)."""

    code = "quota_exceeded"


class RateLimited(CloudError):
    """Too many requests (429, or 413 with Retry-After). `retry_after` is in seconds; None if the cloud gave none."""

    code = "rate_limited"
    retry_after: float | None = None


class ServerFault(CloudError):
    """The cloud failed internally (5xx)."""

    code = "server_fault"


class AccountUnfit(CloudError):
    """The portal's service account can't be used: none is configured, it has no password, or the cloud rejects it.

    This says nothing about the person for whom it is used and must not be mistaken for Unauthorized or Forbidden.
    """

    code = "account"


class Garbled(CloudError):
    """An unusable response: HTML instead of JSON, truncated, missing fields, wrong types, endless pages, a redirect."""

    code = "garbled"


def label(service: Service | None) -> str:
    """Return the service's name as used in a sentence: "Block storage"."""
    return service.label if service else "The cloud"


def bare_url(url: str | None) -> str:
    """Return the URL without user, password, query and fragment, so that it can't hold a secret."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # brackets around something that is not an IPv6 address
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str) -> str:
    """Return the text shortened, on one line, with everything that looks like a token removed."""
    text = _SECRETS.sub("***", " ".join(text.split()))
    return text if len(text) <= _DETAIL_LENGTH else text[: _DETAIL_LENGTH - 1] + "…"


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds to wait by a Retry-After header (RFC 9110, 10.2.3), from seconds or a date.

    None if the header is missing or malformed.
    """
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def request_id_of(response: requests.Response) -> str:
    """Return the cloud's id of the request, also from the headers that only nova or swift use."""
    for header in ("x-openstack-request-id", "x-compute-request-id", "x-trans-id"):
        if value := response.headers.get(header):
            return redacted(value)
    return ""


def from_response(service: Service | None, response: requests.Response) -> CloudError:
    """Return the error for an HTTP response. Meant for status 300 and above; 2xx gives Garbled."""
    status, who, detail = response.status_code, label(service), _message(response)
    kind: type[CloudError]
    wait = retry_after(response.headers.get("retry-after"))
    over_quota = _OVER_QUOTA.search(detail) or (
        # Cinder reports an exceeded quota as "retry after 0 seconds", as if waiting helped.
        status == 413 and wait == 0 and not _RATE_LIMIT.search(detail)
    )
    if status == 401:
        kind, reason = Unauthorized, f"{who} does not accept the token (401)."
    elif status in (403, 409, 413) and over_quota and not wait:
        kind, reason = QuotaExceeded, f"{who} refused: the project's quota is exceeded."
    elif status == 403:
        kind, reason = Forbidden, f"{who} does not allow you to do this (403)."
    elif status in (404, 410):
        kind, reason = NotFound, f"{who} found no such resource ({status})."
    elif status == 409 or (status == 400 and _STATE.match(detail)):
        kind, reason = Conflict, f"{who} refused: not possible in the current state ({status})."
    elif status == 412:
        kind, reason = Conflict, f"{who} refused: the resource has changed in the meantime (412)."
    elif status == 429 or (status == 413 and "retry-after" in response.headers):
        kind, reason = RateLimited, f"{who} received too many requests ({status})."
    elif status == 501:  # a driver lacks a feature: nothing is broken, and a retry won't help
        kind, reason = Invalid, f"{who} does not support this (501)."
    elif status >= 500:
        kind, reason = ServerFault, f"{who} returned an error ({status})."
    elif status >= 400:
        kind, reason = Invalid, f"{who} rejected the request as invalid ({status})."
    elif status == 300:
        kind, reason = Garbled, f"{who} returned a list of versions (300): its address lacks the version."
    elif status >= 300:
        target = bare_url(response.headers.get("location")) or "nowhere"
        kind, reason = Garbled, f"{who} redirected the request ({status}) to {target}."
    else:
        kind, reason = Garbled, f"{who} returned an unexpected status ({status})."
    error = kind(
        reason,
        service=service,
        status=status,
        request_id=request_id_of(response),
        url=bare_url(response.url),
        detail=detail,
    )
    if isinstance(error, RateLimited):
        error.retry_after = wait
    return error


def garbled(service: Service | None, response: requests.Response, what: str) -> Garbled:
    """Return the error for an unusable 2xx response. `what` completes the sentence "Compute's response …"."""
    who = f"{label(service)}'s" if service else "The"
    return Garbled(
        f"{who} response {what}.",
        service=service,
        status=response.status_code,
        request_id=request_id_of(response),
        url=bare_url(response.url),
    )


def from_exception(service: Service | None, error: Exception, url: str = "") -> CloudError | None:
    """Return the error for an exception of requests, keystoneauth1 or openstacksdk; None for any other exception.

    The exception's own text is not used where it may quote a URL, a header or a body.
    """
    if isinstance(error, CloudError):
        return error
    who, where = label(service), bare_url(url)
    if isinstance(error, ksa.ConnectionError) and isinstance(error.__context__, requests.exceptions.RequestException):
        error = error.__context__  # keystoneauth's own exception says less: its ConnectTimeout stands for any timeout
    response = getattr(error, "response", None)
    if isinstance(response, requests.Response):
        return from_response(service, response)
    if isinstance(error, (requests.exceptions.SSLError, ksa.SSLError)):
        return Untrusted(f"{who} can't be trusted: {_tls_fault(error)}.", service=service, url=where)
    if isinstance(error, (requests.exceptions.Timeout, ksa.ConnectTimeout, sdk.ResourceTimeout)):
        stage = "accept a connection" if isinstance(error, requests.exceptions.ConnectTimeout) else "answer"
        return TimedOut(f"{who} did not {stage} in time.", service=service, url=where)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Garbled(f"{who} redirects endlessly.", service=service, url=where)
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return Garbled(f"{who}'s response was cut short.", service=service, url=where)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return Unreachable(f"{who}'s address can't be used.", service=service, url=where)
    if isinstance(error, (requests.exceptions.ConnectionError, ksa.ConnectionError)):
        return Unreachable(f"{who} can't be reached: {_socket_fault(error)}.", service=service, url=where)
    if isinstance(error, (ksa.EndpointNotFound, sdk.EndpointNotFound, sdk.ServiceDisabledException)):
        return NotFound(f"{who} is not in this cloud's catalogue.", service=service, url=where)
    if isinstance(error, (ksa.Unauthorized, ksa.AuthorizationFailure, ksa.MissingAuthPlugin)):
        return Unauthorized(f"{who} does not accept the token.", service=service, url=where)
    if isinstance(error, (requests.exceptions.RequestException, ksa.ClientException, sdk.SDKException)):
        return Garbled(f"{who}'s response can't be used ({type(error).__name__}).", service=service, url=where)
    return None


@contextmanager
def translated(service: Service | None, url: str = "") -> Iterator[None]:
    """Turn the libraries' exceptions inside the block into CloudError. Others pass: they are bugs of ours."""
    try:
        yield
    except (requests.exceptions.RequestException, ksa.ClientException, sdk.SDKException) as error:
        # `from None`: the library's message may hold the whole URL and headers, and tracebacks are logged.
        raise from_exception(service, error, url) or error from None


def _message(response: requests.Response) -> str:
    """Return the cloud's message from an error body: JSON of the services' several shapes, or short plain text."""
    if response.content.lstrip()[:1] == b"{":  # not by content type: proxies and old services get it wrong
        try:
            body: Any = response.json()
        except ValueError:
            return ""
        return redacted(_deep_message(body, 3))
    if response.headers.get("content-type", "").startswith("text/plain"):
        return redacted(response.text)
    return ""


def _deep_message(body: Any, depth: int) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, dict) and depth:
        kind = body.get("type")
        for key in ("message", "title", *body):
            if key in body and key not in ("type", "code") and (text := _deep_message(body[key], depth - 1)):
                return f"{kind}: {text}" if isinstance(kind, str) else text
    if isinstance(body, list) and body and depth:
        return _deep_message(body[0], depth - 1)
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and everything it wraps: urllib3 keeps causes in arguments and `reason`."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        todo.extend(e for e in inner if isinstance(e, BaseException))


def _tls_fault(error: Exception) -> str:
    text = " ".join(str(e) for e in _chain(error)).lower()
    for mark, reason in (
        ("self-signed", "its certificate is self-signed and not in the CA bundle"),
        ("unable to get local issuer", "its certificate's issuer is not in the CA bundle"),
        ("has expired", "its certificate has expired"),
        ("hostname mismatch", "its certificate is for another host name"),
        ("ip address mismatch", "its certificate is for another address"),
        ("not valid for", "its certificate is for another host name"),
        ("wrong version number", "there is no TLS at this port"),
        ("record layer", "there is no TLS at this port"),
    ):
        if mark in text:
            return reason
    return "TLS failed"


def _socket_fault(error: Exception) -> str:
    for one in _chain(error):
        if isinstance(one, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(one, ConnectionResetError):
            return "the connection was closed"
        if type(one).__name__ in ("NameResolutionError", "gaierror"):
            return "its host name can't be resolved"
        if type(one).__name__ in ("RemoteDisconnected", "ProtocolError"):
            return "the connection was closed"
    return "no connection"
