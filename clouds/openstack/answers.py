"""Map HTTP responses and the libraries' exceptions to CloudErrors (clouds.errors).

Sources: keystoneauth1.exceptions, openstack.exceptions, requests.exceptions; the error bodies of the services
(docs.openstack.org/api-ref: nova and cinder `{"itemNotFound": {"message", "code"}}`, neutron `{"NeutronError":
{"type", "message"}}`, keystone `{"error": {"message"}}`, swift and glance plain text or HTML).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from keystoneauth1 import exceptions as ksa
from openstack import exceptions as sdk

from clouds.errors import (
    CloudError,
    Conflict,
    Forbidden,
    Garbled,
    Invalid,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerFault,
    TimedOut,
    Unauthorized,
    Unreachable,
    Untrusted,
    bare_url,
    redacted,
    retry_after,
)
from clouds.openstack.services import Service

_OVER_QUOTA = re.compile(r"over ?quota|quota.{0,20}exceed|exceed.{0,40}quota|over ?limit", re.IGNORECASE)
# Cinder says it like this, and so does nova when it asks cinder, with a 400.
_STATE = re.compile(r"invalid (volume|snapshot): ", re.IGNORECASE)
_RATE_LIMIT = re.compile(r"rate.?limit", re.IGNORECASE)


def label(service: Service | None) -> str:
    """Return the service's name as used in a sentence: "Block storage"."""
    return service.label if service else "The cloud"


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
