"""From a person's access token to an authenticated connection.

    access token ──POST OS-FEDERATION──► unscoped token ──POST auth/tokens──► token of one project ──► Connection

Both POSTs are made here and not by keystoneauth's OidcAccessToken and Token: those don't quote names, accept answers
without a token, and write the body of the answer to the log. keystoneauth takes over with the resulting state. Source:
docs.openstack.org/api-ref/identity/v3 and v3-ext (OS-FEDERATION).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self
from urllib.parse import quote

import requests
from keystoneauth1.discover import EndpointData, version_to_string
from keystoneauth1.exceptions import EndpointNotFound
from keystoneauth1.identity.v3 import Token
from openstack.connection import Connection as Sdk
from openstack.proxy import Proxy
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from clouds import errors
from clouds.openstack import answers
from clouds.openstack.http import Http, Params, json_object, parse
from clouds.openstack.paging import PAGE
from clouds.openstack.services import Endpoint, Service, by_service, parse_microversion


@dataclass(frozen=True, slots=True)
class Federation:
    """How people log in to a location. `auth_url` ends in /v3; `ca_bundle` is PEM, empty for public authorities."""

    auth_url: str
    identity_provider: str = "meshdeck"
    protocol: str = "openid"
    region: str = ""
    interface: str = "public"
    ca_bundle: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AuthState:
    """A Keystone token and its context.

    `data` is what keystoneauth's `set_auth_state` takes: JSON of the token and of Keystone's answer with the catalogue.
    It is a secret: encrypt it wherever it is stored. `project_id` is None in an unscoped state.
    """

    data: str = field(repr=False)
    expires_at: datetime
    user_id: str
    user_name: str
    project_id: str | None = None
    project_name: str = ""
    roles: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the state as one string, to be stored encrypted."""
        return json.dumps(
            {
                "data": self.data,
                "expires_at": self.expires_at.isoformat(),
                "user_id": self.user_id,
                "user_name": self.user_name,
                "project_id": self.project_id,
                "project_name": self.project_name,
                "roles": list(self.roles),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Restore a state from `to_json`."""
        kept = json.loads(text)
        return cls(**{**kept, "expires_at": datetime.fromisoformat(kept["expires_at"]), "roles": tuple(kept["roles"])})

    @property
    def token(self) -> str:
        """The token itself."""
        return str(json.loads(self.data)["auth_token"])

    @property
    def catalog(self) -> list["CatalogService"]:
        """The services with their endpoints as Keystone listed them for this token; empty in an unscoped state."""
        return _CATALOG.validate_python(json.loads(self.data)["body"]["token"].get("catalog") or [])


class CatalogEndpoint(BaseModel):
    """One endpoint of the catalogue."""

    interface: str = ""
    region_id: str | None = None
    region: str | None = None
    url: str


class CatalogService(BaseModel):
    """One service of the catalogue."""

    type: str
    name: str = ""
    endpoints: list[CatalogEndpoint] = []


class _Named(BaseModel):
    id: str
    name: str = ""


class _Token(BaseModel):
    expires_at: AwareDatetime
    user: _Named
    project: _Named | None = None
    roles: list[_Named] = []
    catalog: list[CatalogService] = []


_CATALOG = TypeAdapter(list[CatalogService])
_TOKEN = TypeAdapter(_Token)


def unscoped(federation: Federation, access_token: str, *, request_id: str | None = None) -> AuthState:
    """Exchange a person's OpenID Connect access token for an unscoped Keystone token. One request.

    Unauthorized: the cloud rejects the access token or its mapping matches nobody. NotFound: it knows neither the
    identity provider nor the protocol. Garbled: the address is a login page for browsers, or not a Keystone.
    """
    provider, protocol = quote(federation.identity_provider, safe=""), quote(federation.protocol, safe="")
    way_in = f"OS-FEDERATION/identity_providers/{provider}/protocols/{protocol}/auth"
    url = f"{federation.auth_url.rstrip('/')}/{way_in}"
    with Http(federation.ca_bundle, request_id) as http:
        response = http.request(
            Service.IDENTITY,
            "POST",
            url,
            headers={"Authorization": f"Bearer {access_token}"},
            expect=(200, 201),
        )
    return state_of(response)


def scoped(federation: Federation, unscoped: AuthState, project_id: str, *, request_id: str | None = None) -> AuthState:
    """Exchange the unscoped token for a token of one project, with its roles and catalogue. One request.

    Unauthorized: the unscoped token has expired, or the person has no role in the project (Keystone answers 401 to
    both).
    """
    auth = {
        "identity": {"methods": ["token"], "token": {"id": unscoped.token}},
        "scope": {"project": {"id": project_id}},
    }
    with Http(federation.ca_bundle, request_id) as http:
        response = http.request(
            Service.IDENTITY,
            "POST",
            f"{federation.auth_url.rstrip('/')}/auth/tokens",
            json={"auth": auth},
            expect=(200, 201),
        )
    state = state_of(response)
    if state.project_id != project_id:
        raise answers.garbled(Service.IDENTITY, response, "is a token of another project")
    return state


def state_of(response: requests.Response) -> AuthState:
    """Return the state from a Keystone response with a token. Garbled if it has none."""
    token = response.headers.get("X-Subject-Token")
    if not token:
        raise answers.garbled(Service.IDENTITY, response, "has no token")
    body = json_object(Service.IDENTITY, response)
    seen = parse(Service.IDENTITY, response, _TOKEN, body.get("token"))
    return AuthState(
        data=json.dumps({"auth_token": token, "body": body}),
        expires_at=seen.expires_at,
        user_id=seen.user.id,
        user_name=seen.user.name,
        project_id=seen.project.id if seen.project else None,
        project_name=seen.project.name if seen.project else "",
        roles=tuple(role.name for role in seen.roles),
    )


class _Kept(Token):
    """A stored state as keystoneauth's plugin, with known endpoints: it never asks Keystone or a service for them."""

    def __init__(self, federation: Federation, state: AuthState, endpoints: Iterable[Endpoint]) -> None:
        super().__init__(federation.auth_url, token="", reauthenticate=False)
        self.set_auth_state(state.data)
        self._project_id = state.project_id
        self._endpoints = {one.service.value: one for one in endpoints}

    def invalidate(self) -> bool:
        """Keep the token after a 401. keystoneauth would log in again; here the caller gets the error."""
        return False

    def get_endpoint_data(self, session: Any, *, service_type: str | None = None, **_: Any) -> EndpointData:
        """Return the service's endpoint and microversions."""
        endpoint = self._endpoints.get(service_type or "")
        if endpoint is None:
            raise EndpointNotFound
        url = endpoint.for_project(self._project_id)
        known = endpoint.min_microversion, endpoint.max_microversion
        oldest, newest = (parse_microversion(text) if text else None for text in known)
        return EndpointData(url, url, service_type, min_microversion=oldest, max_microversion=newest)


class Connection:
    """One project's services, accessed as the user. Use it for one task, and close it or use it in a `with`.

    Makes no request until `get` is called. It never renews its token: Unauthorized is raised to the caller.
    """

    def __init__(
        self,
        federation: Federation,
        state: AuthState,
        endpoints: Iterable[Endpoint] = (),
        *,
        request_id: str | None = None,
        page_size: int = PAGE,
    ) -> None:
        self.federation = federation
        self.page_size = page_size
        self.state = state
        self.endpoints = by_service(endpoints)
        self.http = Http(federation.ca_bundle, request_id, _Kept(federation, state, self.endpoints.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Connection {self.state.project_id} at {self.federation.auth_url}>"

    def close(self) -> None:
        """Close the TCP connections."""
        self.http.close()

    @property
    def project_id(self) -> str:
        """The project that the token is for; empty for an unscoped one."""
        return self.state.project_id or ""

    @cached_property
    def sdk(self) -> Sdk:
        """openstacksdk on the same session: same token, endpoints, microversions, timeouts and request id.

        It raises its own exceptions: use it inside `answers.translated`. It makes no requests but those asked for:
        endpoints are not discovered, nothing is retried. Its results are not validated: from HTML it makes an empty
        resource. Read lists with `get`: the SDK follows their links to any host.
        """
        spoken: dict[str, Any] = {
            f"{one.service.replace('-', '_')}_default_microversion": version_to_string(one.microversion)
            for one in self.endpoints.values()
            if one.microversion
        }
        return Sdk(session=self.http.session, image_status_code_retries=0, **spoken)  # the default is 5 for images

    def has(self, service: Service) -> bool:
        """Return whether the cloud offers the service."""
        return service in self.endpoints

    def endpoint(self, service: Service) -> Endpoint:
        """Return the service's endpoint. NotFound if the cloud has none."""
        try:
            return self.endpoints[service]
        except KeyError:
            raise errors.NotFound(f"{service.label} is not in this cloud's catalogue.", service=service) from None

    def get(self, service: Service, path: str, params: Params | None = None) -> requests.Response:
        """GET below the service's endpoint, with the token and the microversion. `path` begins with a slash."""
        endpoint = self.endpoint(service)
        return self.http.request(
            service,
            "GET",
            endpoint.for_project(self.state.project_id) + path,
            params=params,
            expect=(200, 204),
            authenticated=True,
            microversion=endpoint.microversion,
        )

    def send(
        self,
        service: Service,
        method: str,
        path: str,
        json: Any = None,
        *,
        expect: Collection[int],
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one change below the service's endpoint through openstacksdk's proxy. CloudError on any other status.

        The SDK's resources are not used: they take anything below 400 for success, a login page included, and some make
        more requests than necessary. The proxy is a bare one: `sdk.block_storage` would take 3 ms to read settings that
        we don't have. Bodies are not logged, nothing is retried.
        """
        endpoint = self.endpoint(service)
        url = endpoint.for_project(self.state.project_id) + path
        self.http.heed_deadline(service, url)
        spoken = version_to_string(endpoint.microversion) if endpoint.microversion else None
        proxy = Proxy(self.sdk.session, service_type=service.value, default_microversion=spoken)
        with answers.translated(service, url):
            response = proxy.request(path, method, json=json, headers=dict(headers or {}), redirect=False)
        if response.status_code not in expect:
            raise answers.from_response(service, response)
        return response


def connect(
    federation: Federation,
    state: AuthState,
    endpoints: Iterable[Endpoint] = (),
    *,
    request_id: str | None = None,
    page_size: int = PAGE,
) -> Connection:
    """Open a connection with a state from `scoped()`. Makes no request.

    `endpoints` is what `catalog.discover` found for the location; without it services can only be discovered, not read.
    `request_id` ("req-<uuid>") is sent to every service; one is made if none is given. Lists are requested in pages of
    `page_size` rows and read to their end.
    """
    return Connection(federation, state, endpoints, request_id=request_id, page_size=page_size)
