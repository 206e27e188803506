"""A cloud's REST APIs for one user in one project: as much of a client as seeding needs.

openstacksdk would do, but loading it takes more than a third of the seeding time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from devcloud.layout import Location

PREFIX = {
    "keystone": "/v3",
    "nova": "/v2.1",
    "neutron": "/v2.0",
    "cinder": "/v3/{project_id}",
    "glance": "/v2",
    "placement": "",
    "swift": "/v1/AUTH_{project_id}",
}
# Recent enough for everything used here.
MICROVERSIONS = {"OpenStack-API-Version": "placement 1.36", "X-OpenStack-Nova-API-Version": "2.90"}
# Long enough for a machine that is busy with other things; a service that ends is noticed at once.
WAIT_SECONDS = 300


class SeedingFailed(Exception):
    """An API's response makes further seeding impossible."""


class Api:
    """Logs in when created; thread-safe."""

    def __init__(self, location: Location, user: str, password: str, project: str) -> None:
        self.location = location
        self.session = requests.Session()
        # One connection for each thread that seeds.
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=16))
        self.session.trust_env = False
        self.project_id = ""
        domain = {"id": "default"}
        login = self.session.post(
            location.auth_url + "/auth/tokens",
            json={
                "auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": {"user": {"name": user, "domain": domain, "password": password}},
                    },
                    "scope": {"project": {"name": project, "domain": domain}},
                }
            },
        )
        check(login)
        self.session.headers["X-Auth-Token"] = login.headers["X-Subject-Token"]
        self.session.headers.update(MICROVERSIONS)
        self.project_id = login.json()["token"]["project"]["id"]

    def request(self, method: str, service: str, path: str, **content: Any) -> requests.Response:
        url = self.location.url(service) + PREFIX[service].format(project_id=self.project_id) + path
        headers = content.pop("headers", {})
        if service == "cinder":
            # Cinder answers 400 to a microversion header that names another service.
            headers = headers | {"OpenStack-API-Version": "volume 3.60"}
        response = self.session.request(method, url, headers=headers, timeout=WAIT_SECONDS, **content)
        check(response)
        return response

    def get(self, service: str, path: str) -> Any:
        return self.request("GET", service, path).json()

    def post(self, service: str, path: str, body: Any) -> Any:
        response = self.request("POST", service, path, json=body)
        return response.json() if response.content else None

    def put(self, service: str, path: str, body: Any = None) -> None:
        self.request("PUT", service, path, json=body)


def check(response: requests.Response) -> None:
    if not response.ok:
        request = response.request
        raise SeedingFailed(f"{request.method} {request.url} answered {response.status_code}: {response.text[:300]}")


def wait_until(what: str, condition: Callable[[], bool]) -> None:
    """Poll until the condition holds. Not too often: the services need the processor more."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SeedingFailed(f"{what}: not done after {WAIT_SECONDS} s")
        time.sleep(0.3)
