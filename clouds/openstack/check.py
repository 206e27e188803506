"""Check the whole chain from a Keystone address to a project's inventory and report what each step found.

The engine of `manage.py check_location`. Steps are yielded one by one, so that the operator sees them as they happen.
After a step that everything else depends on has failed, the rest is skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import answers, catalog, identity, inventory, session
from clouds.openstack.catalog import Discovery
from clouds.openstack.http import Http
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Federation


class StepName(StrEnum):
    """The links of the chain, in order. A service's step also carries the service's name."""

    ENDPOINT = "endpoint"
    TLS = "tls"
    KEYSTONE = "keystone"
    FEDERATION = "federation"
    MAPPING = "mapping"
    PROJECTS = "projects"
    REGION = "region"
    SERVICE = "service"


class Outcome(StrEnum):
    """The result of a step. SKIPPED: not checked, `found` says why. LACKING: works, but the cloud is not complete."""

    OK = "ok"
    LACKING = "lacking"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One link: what was found, and what to fix (empty when there is nothing to fix)."""

    name: str
    outcome: Outcome
    found: str
    mend: str = ""
    service: Service | None = None
    error: CloudError | None = None


# A project can do without these: if they are missing the location is LACKING them, not broken.
_OPTIONAL = (Service.OBJECT_STORE, Service.BLOCK_STORAGE)


def check(federation: Federation, access_token: str | None = None) -> Iterator[Step]:
    """Yield the steps for a location. `federation.auth_url` may be any of Keystone's addresses.

    Without a person's access token, only what is visible from outside is checked and the rest is skipped. Makes about
    30 requests and changes nothing. Raises no CloudError.
    """
    try:
        keystone = catalog.describe(federation.auth_url, federation.ca_bundle)
    except CloudError as error:
        yield from _no_keystone(federation, error)
        return
    federation = replace(federation, auth_url=keystone.auth_url)
    yield Step(StepName.ENDPOINT, Outcome.OK, f"{keystone.auth_url} answers.")
    yield _tls_step(federation)
    yield Step(StepName.KEYSTONE, Outcome.OK, f"Keystone, API {keystone.version}.")
    try:
        probe_federation(federation)
    except CloudError as error:
        yield _failed(StepName.FEDERATION, error, _FEDERATION_MEND)
        yield from _skipped("the cloud does not accept a person's token", after=StepName.FEDERATION)
        return
    way = f"identity provider {federation.identity_provider}, protocol {federation.protocol}"
    yield Step(StepName.FEDERATION, Outcome.OK, f"Asks for a bearer token ({way}).")
    if access_token is None:
        yield from _skipped("needs the access token of a person who is logged in", after=StepName.FEDERATION)
        return
    yield from _as_person(federation, access_token)


def probe_federation(federation: Federation) -> None:
    """Check that Keystone would look at a person's token. One request, without a token; returns if it would.

    A location where this raises can't act as the user. NotFound: no such identity provider or protocol. Forbidden: it
    exists, but doesn't accept bearer tokens.
    """
    provider, protocol = quote(federation.identity_provider, safe=""), quote(federation.protocol, safe="")
    url = f"{federation.auth_url.rstrip('/')}/OS-FEDERATION/identity_providers/{provider}/protocols/{protocol}/auth"
    with Http(federation.ca_bundle) as http:
        response = http.request(Service.IDENTITY, "POST", url, expect=(302, 303, 307, 401, 404))
    fault = answers.from_response(Service.IDENTITY, response)
    if response.status_code == 404:
        raise errors.NotFound(
            "Identity does not know this identity provider or protocol.",
            service=Service.IDENTITY,
            status=404,
            request_id=fault.request_id,
            url=fault.url,
            detail=fault.detail,
        )
    if response.status_code != 401:
        what = "Identity redirects to a login page for browsers: this address does not accept bearer tokens."
    elif "unsupported method" in fault.detail:
        what = f"Identity has no authentication method {federation.protocol}."
    else:
        return
    raise errors.Forbidden(
        what,
        service=Service.IDENTITY,
        status=response.status_code,
        request_id=fault.request_id,
        url=fault.url,
        detail=fault.detail,
    )


_FEDERATION_MEND = (
    "In Keystone: [auth] methods with the protocol's name; `openstack identity provider create`, `mapping create`, "
    "`federation protocol create` with the ids of this location; and a check of bearer tokens (mod_auth_openidc with "
    "AuthType auth-openidc) before the address of the federated login."
)
_MAPPING_MEND = (
    "The token must have the audience that mod_auth_openidc requires, be signed by the issuer and not be expired; the "
    "mapping must fit its claims (`openstack mapping show`), and the groups that it names must exist."
)


def _no_keystone(federation: Federation, error: CloudError) -> Iterator[Step]:
    """Yield the first steps when Keystone could not be described, with the one that is broken."""
    if isinstance(error, errors.Untrusted):
        yield Step(StepName.ENDPOINT, Outcome.OK, f"{federation.auth_url} answers.")
        yield _failed(StepName.TLS, error, "Add the cloud's CA bundle to the location, or fix its certificate.")
        yield from _skipped("Keystone was not reached", after=StepName.TLS)
    elif isinstance(error, (errors.Unreachable, errors.TimedOut)):
        mend = "Check the address, port, DNS and firewall between this machine and the cloud."
        yield _failed(StepName.ENDPOINT, error, mend)
        yield from _skipped("Keystone was not reached", after=StepName.ENDPOINT)
    else:
        yield Step(StepName.ENDPOINT, Outcome.OK, f"{federation.auth_url} answers.")
        yield _tls_step(federation)
        mend = "Use Keystone's own address (auth_url in clouds.yaml), with version 3."
        yield _failed(StepName.KEYSTONE, error, mend)
        yield from _skipped("there is no usable Keystone", after=StepName.KEYSTONE)


def _tls_step(federation: Federation) -> Step:
    if federation.auth_url.lower().startswith("https:"):
        return Step(StepName.TLS, Outcome.OK, "The certificate is trusted.")
    mend = "Use https, unless both run on the same machine: this connection carries tokens."
    return Step(StepName.TLS, Outcome.LACKING, "Plain http: nothing is encrypted.", mend)


def _as_person(federation: Federation, access_token: str) -> Iterator[Step]:
    try:
        person = session.unscoped(federation, access_token)
    except CloudError as error:
        # The web server's OIDC module answers strangers before Keystone looks up the identity provider, so this shows
        # only now.
        mend = _FEDERATION_MEND if isinstance(error, errors.NotFound) else _MAPPING_MEND
        yield _failed(StepName.MAPPING, error, mend)
        yield from _skipped("the login failed", after=StepName.MAPPING)
        return
    yield Step(StepName.MAPPING, Outcome.OK, f"The token is accepted, as user {person.user_name} ({person.user_id}).")
    try:
        projects = identity.projects(federation, person)
    except CloudError as error:
        yield _failed(StepName.PROJECTS, error, "Keystone's policy must let people list their own projects.")
        yield from _skipped("there is no project to check", after=StepName.PROJECTS)
        return
    if not projects:
        mend = "Give one of the groups that the mapping names a role in a project (`openstack role add --group`)."
        yield Step(StepName.PROJECTS, Outcome.FAILED, f"{person.user_name} has a role in no project.", mend)
        yield from _skipped("there is no project to check", after=StepName.PROJECTS)
        return
    try:
        state = session.scoped(federation, person, projects[0].external_id)
    except CloudError as error:
        mend = "Keystone must allow rescoping: [token] allow_rescope_scoped_token. The person needs a role in it."
        yield _failed(StepName.PROJECTS, error, mend)
        yield from _skipped("there is no project to check", after=StepName.PROJECTS)
        return
    names = ", ".join(project.name for project in projects)
    found = f"{len(projects)} ({names}); as {', '.join(state.roles) or 'nothing'} in {projects[0].name}."
    yield Step(StepName.PROJECTS, Outcome.OK, found)
    yield from _in_project(federation, state)


def _in_project(federation: Federation, state: AuthState) -> Iterator[Step]:
    there = catalog.regions(state)
    if federation.region and federation.region not in there:
        found = f"There is no region {federation.region}. Regions found: {', '.join(there) or 'none'}."
        yield Step(StepName.REGION, Outcome.FAILED, found, "Set the location's region to one of these.")
        yield from _skipped("the region does not exist", after=StepName.REGION)
        return
    if not federation.region and len(there) > 1:
        mend = "Set the location's region: without it, the first endpoint in the catalogue is used."
        yield Step(StepName.REGION, Outcome.LACKING, f"Several regions: {', '.join(there)}.", mend)
    else:
        yield Step(StepName.REGION, Outcome.OK, federation.region or ", ".join(there) or "The catalogue names none.")
    with session.connect(federation, state) as connection:
        seen = catalog.discover(connection)
    with session.connect(federation, state, seen.endpoints) as connection:
        read = inventory.read(connection, slow=True)
    faults = {part.service: part.error for part in read.parts if part.error}
    latencies = {part.service: part.latency_ms for part in read.parts}
    for service in Service:
        yield _service_step(federation, service, seen, faults.get(service), latencies.get(service))


def _service_step(
    federation: Federation, service: Service, seen: Discovery, unread: CloudError | None, latency_ms: int | None
) -> Step:
    if missing := seen.faults.get(service):
        outcome = Outcome.LACKING if service in _OPTIONAL and isinstance(missing, errors.NotFound) else Outcome.FAILED
        mend = (
            f"See `openstack catalog show {service}`: the {federation.interface} endpoint must be there, "
            "and be reachable from this machine."
        )
        return Step(StepName.SERVICE, outcome, missing.reason, mend, service, missing)
    endpoint = next(one for one in seen.endpoints if one.service is service)
    if unread:
        mend = "The service answers, but rejects this person's token: find the request ID in its log."
        return replace(_failed(StepName.SERVICE, unread, mend), service=service)
    return Step(StepName.SERVICE, Outcome.OK, _description(endpoint, latency_ms), "", service)


def _description(endpoint: Endpoint, latency_ms: int | None) -> str:
    version = f", version {endpoint.version}" if endpoint.version else ""
    spoken = endpoint.microversion
    micro = f", up to {endpoint.max_microversion}, using {spoken[0]}.{spoken[1]}" if spoken else ""
    read = f", read in {latency_ms} ms" if latency_ms is not None else ""
    return f"{endpoint.url}{version}{micro}{read}."


def _failed(name: StepName, error: CloudError, mend: str) -> Step:
    found = f"{error.reason} {error.detail}".strip()
    return Step(name, Outcome.FAILED, found, mend, Service(error.service) if error.service else None, error)


def _skipped(why: str, *, after: StepName) -> Iterator[Step]:
    names = list(StepName)
    for name in names[names.index(after) + 1 :]:
        yield Step(name, Outcome.SKIPPED, f"Skipped: {why}.")
