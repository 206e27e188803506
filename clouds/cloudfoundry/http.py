"""Requests to a foundation, with the limits and errors of clouds.openstack, named for the foundation's parts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pydantic_core
import requests

from clouds import errors
from clouds.errors import CloudError, Garbled, RateLimited, ServerFault
from clouds.openstack import answers
from clouds.openstack.http import USER_AGENT, Session


class Part(StrEnum):
    """The parts of a foundation that the portal talks to or sends people to."""

    CLOUD_CONTROLLER = "cloud-controller"
    UAA = "uaa"
    LOGIN = "login-server"

    @property
    def label(self) -> str:
        """The part's name as used in a sentence."""
        return _LABELS[self]


_LABELS = {Part.CLOUD_CONTROLLER: "Cloud Controller", Part.UAA: "UAA", Part.LOGIN: "Login server"}


class Http:
    """HTTP to one foundation, for one task. No cookies, retries or redirects: they would take the token to any host."""

    def __init__(self, ca_bundle: str = "") -> None:
        self.session = Session(ca_bundle)
        self.session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, part: Part, url: str, params: Mapping[str, str] | None = None, token: str = "") -> dict[str, Any]:
        """Return the JSON object at an address, sending the person's token if there is one. Raises CloudError."""
        headers = {"Authorization": f"bearer {token}"} if token else None
        return self._object(part, self._send(part, "GET", url, params=params, headers=headers))

    def post(self, part: Part, url: str, form: Mapping[str, str], credentials: tuple[str, str]) -> dict[str, Any]:
        """Return the JSON object that answers a form. `credentials` are a client's id and secret. Raises CloudError."""
        return self._object(part, self._send(part, "POST", url, data=form, auth=credentials))

    def _send(self, part: Part, method: str, url: str, **options: Any) -> requests.Response:
        self.session.headers["X-Vcap-Request-Id"] = str(uuid4())
        try:
            with answers.translated(None, url):
                response = self.session.request(method, url, allow_redirects=False, **options)
        except CloudError as error:
            raise named(part, error) from None
        if response.headers.get("X-Cf-RouterError"):
            # The router's own 404 or 502: the component behind it is down (docs.cloudfoundry.org, "Router error").
            away = ServerFault(
                f"{answers.label(None)} is not running behind its router.", status=response.status_code, url=url
            )
            raise named(part, away, response)
        if response.status_code != 200:
            raise named(part, answers.from_response(None, response), response)
        return response

    def _object(self, part: Part, response: requests.Response) -> dict[str, Any]:
        try:
            body = pydantic_core.from_json(response.content)
        except ValueError:
            raise garbled(part, response, "is not JSON") from None
        if not isinstance(body, dict):
            raise garbled(part, response, "is JSON, but not an object")
        return body


def named(part: Part, error: CloudError, response: requests.Response | None = None) -> CloudError:
    """Return the error with the part's name instead of "The cloud" and the request id from a foundation's headers."""
    request_id = response.headers.get("X-Vcap-Request-Id", "") if response is not None else ""
    found = type(error)(
        f"{part.label}{error.reason.removeprefix(answers.label(None))}",
        status=error.status,
        request_id=errors.redacted(request_id),
        url=error.url,
        detail=error.detail,
    )
    if isinstance(error, RateLimited) and isinstance(found, RateLimited):
        found.retry_after = error.retry_after
    return found


def garbled(part: Part, response: requests.Response, what: str) -> Garbled:
    """Return the error for an answer that can't be used. `what` completes the sentence "UAA's response …"."""
    request_id = errors.redacted(response.headers.get("X-Vcap-Request-Id", ""))
    where = errors.bare_url(response.url)
    return Garbled(f"{part.label}'s response {what}.", status=response.status_code, request_id=request_id, url=where)
