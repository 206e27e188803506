"""Discovery of a cloud: done once and kept by the caller, so that a refresh does not repeat it.

Sources: the version documents of the services (docs.openstack.org/api-ref, "API versions"), the service catalogue
(api-ref/identity/v3), swift's /info (docs.openstack.org/swift, "Discoverability").
"""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict, TypeAdapter

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import answers
from clouds.openstack.http import Http, json_object, parse
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation

_VERSION_DOCUMENT = (200, 300)  # 300 Multiple Choices is how keystone, glance and cinder list their versions
_LIST_LENGTH = 20  # no service has more versions; a longer list is not a version document

# The API major version that Meshdeck uses, per service: a version document must offer it.
_SPOKEN = {
    Service.IDENTITY: "3",
    Service.COMPUTE: "2.1",
    Service.NETWORK: "2.0",
    Service.BLOCK_STORAGE: "3",
    Service.IMAGE: "2",
}
_PATHS = {
    Service.IDENTITY: "/v3",
    Service.COMPUTE: "/v2.1",
    Service.NETWORK: "/v2.0",
    Service.BLOCK_STORAGE: "/v3",
    Service.IMAGE: "/v2",
    Service.OBJECT_STORE: "/v1",
}


@dataclass(frozen=True, slots=True)
class Keystone:
    """A Keystone as discovered without a token. `auth_url` ends in /v3; `version` is its own, such as "3.14"."""

    auth_url: str
    version: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The services of a location. `faults` holds the reason for each service that can't be used.

    A service that is missing from the catalogue is in `faults` as NotFound.
    """

    endpoints: tuple[Endpoint, ...]
    faults: Mapping[Service, CloudError]


class _Version(BaseModel):
    """An entry of a version document. `version` and `min_version` are microversions, empty where there are none."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: str = ""
    version: str | None = None
    max_version: str | None = None
    min_version: str | None = None

    @property
    def number(self) -> str:
        return self.id.lstrip("v")


_VERSIONS = TypeAdapter(list[_Version])
_ONE_VERSION = TypeAdapter(_Version)


def describe(keystone_url: str, ca_bundle: str = "") -> Keystone:
    """Find Keystone's v3 API from any address an operator may have: with or without /v3, /v2.0 or a slash.

    At most two requests, without a token. Raises Unreachable, TimedOut or ServerFault as they occur; Garbled or
    NotFound when the server is not a Keystone with v3.
    """
    base = re.sub(r"/v\d+(\.\d+)?$", "", keystone_url.strip().rstrip("/"))
    if not re.match(r"https?://[\w.\[:-]", base, re.IGNORECASE):
        raise errors.Unreachable("A Keystone address begins with http:// or https:// and has a host.")
    auth_url = f"{base}/v3"
    with Http(ca_bundle) as http:
        response = http.request(Service.IDENTITY, "GET", auth_url, expect=(*_VERSION_DOCUMENT, 404))
        if response.status_code == 404:
            # Only its list of versions distinguishes it from a missing Keystone.
            response = http.request(Service.IDENTITY, "GET", f"{base}/", expect=_VERSION_DOCUMENT)
        versions = _versions(Service.IDENTITY, response)
    found = _pick(Service.IDENTITY, response, versions)
    return Keystone(auth_url, found.number)


def regions(state: AuthState) -> list[str]:
    """Return the sorted regions in the catalogue of a scoped state."""
    found = {endpoint.region_id or endpoint.region for service in state.catalog for endpoint in service.endpoints}
    return sorted(region for region in found if region)


def catalog_url(state: AuthState, service: Service, region: str, interface: str) -> str | None:
    """Return the service's URL in the catalogue of a scoped state, for a region (empty: any) and an interface."""
    return next(filter(None, (_url(state, one, region, interface) for one in service.catalog_types)), None)


def _url(state: AuthState, catalog_type: str, region: str, interface: str) -> str | None:
    for entry in state.catalog:
        if entry.type == catalog_type:
            for endpoint in entry.endpoints:
                here = not region or region in (endpoint.region_id, endpoint.region)
                if here and endpoint.interface in (interface, f"{interface}URL"):
                    return endpoint.url
    return None


def _s3_url(state: AuthState, federation: Federation) -> str:
    """Return the URL of the catalogue's S3 gateway, as a Ceph deployment registers it; empty if there is none."""
    return (_url(state, "s3", federation.region, federation.interface) or "").rstrip("/")


def discover(connection: Connection) -> Discovery:
    """Discover the services in the token's catalogue and their versions, in parallel, one request each.

    A service's failure is not raised: what can't be used is listed in `faults`.
    """
    with ThreadPoolExecutor(len(Service), thread_name_prefix="discover") as pool:
        waiting = {service: pool.submit(discover_service, connection, service) for service in Service}
    endpoints: list[Endpoint] = []
    faults: dict[Service, CloudError] = {}
    for service, future in waiting.items():
        try:
            endpoints.append(future.result())
        except CloudError as error:
            faults[service] = error
    return Discovery(tuple(endpoints), faults)


def discover_service(connection: Connection, service: Service) -> Endpoint:
    """Discover one service's endpoint and versions. NotFound: not in the catalogue for this region and interface."""
    federation, state = connection.federation, connection.state
    url = catalog_url(state, service, federation.region, federation.interface)
    if url is None:
        where = f" for region {federation.region}" if federation.region else ""
        raise errors.NotFound(
            f"{service.label} has no {federation.interface} endpoint in the catalogue{where}.", service=service
        )
    endpoint = Endpoint.templated(service, url, state.project_id)
    if service is Service.OBJECT_STORE:
        return _with_swift(connection, endpoint, _s3_url(state, federation))
    with_version = _versioned(endpoint)
    for address in (f"{with_version.root}/", f"{with_version.for_project(None).rstrip('/')}/"):
        response = connection.http.request(service, "GET", address, expect=(*_VERSION_DOCUMENT, 401, 404))
        if response.status_code in _VERSION_DOCUMENT:
            found = _pick(service, response, _versions(service, response))
            return Endpoint(
                service,
                with_version.url,
                found.number,
                found.min_version or "",
                found.version or found.max_version or "",
            )
    raise answers.from_response(service, response)


def _versioned(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with the version in its path, which catalogues are meant to leave out since 2016."""
    if endpoint.root != endpoint.url:
        return endpoint
    return Endpoint(endpoint.service, endpoint.url + _PATHS[endpoint.service])


def _with_swift(connection: Connection, endpoint: Endpoint, s3_url: str) -> Endpoint:
    """Return the endpoint with Swift's release, which is in /info unless the operator disabled it.

    Swift has no API versions to choose from. /info also says whether Swift serves S3 itself, at its root
    (docs.openstack.org/swift, "s3api").
    """
    response = connection.http.request(
        Service.OBJECT_STORE, "GET", f"{endpoint.root}/info", expect=(200, 401, 403, 404, 405)
    )
    if response.status_code != 200:
        return Endpoint(Service.OBJECT_STORE, endpoint.url, s3_url=s3_url)
    told = json_object(Service.OBJECT_STORE, response)
    info: Any = told.get("swift")
    release = info.get("version") if isinstance(info, dict) else None
    s3_url = s3_url or (endpoint.root if "s3api" in told else "")
    return Endpoint(Service.OBJECT_STORE, endpoint.url, str(release or ""), s3_url=s3_url)


def _versions(service: Service, response: requests.Response) -> list[_Version]:
    """Read the versions of a document: the list in `versions`, below `values` in keystone's, or a single `version`."""
    body = json_object(service, response)
    if isinstance(body.get("version"), dict):
        return [parse(service, response, _ONE_VERSION, body["version"])]
    listed: Any = body.get("versions")
    if isinstance(listed, dict):
        listed = listed.get("values")
    if not isinstance(listed, list) or len(listed) > 10 * _LIST_LENGTH:
        raise answers.garbled(service, response, "lists no versions")
    return parse(service, response, _VERSIONS, listed)


def _pick(service: Service, response: requests.Response, versions: list[_Version]) -> _Version:
    """Pick the newest version of the API that Meshdeck uses. Garbled, naming the versions found, if there is none."""
    wanted = _SPOKEN[service]
    fitting = [v for v in versions if v.number == wanted or v.number.startswith(f"{wanted.split('.')[0]}.")]
    if wanted == "2.1":  # Nova's v2.0 is a different API, without microversions
        fitting = [v for v in fitting if v.number == wanted]
    if not fitting:
        there = ", ".join(v.id for v in versions) or "none"
        raise answers.garbled(service, response, f"offers no v{wanted} (but {there})")
    return max(fitting, key=lambda v: [int(part) for part in re.findall(r"\d+", v.number)])
