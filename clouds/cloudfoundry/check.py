"""Check the whole chain from an API root to a person's spaces and report what each step found.

The engine of `manage.py check_location` for foundations. Steps are yielded one by one, so that the operator sees them
as they happen. After a step that everything else depends on has failed, the rest is skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from clouds import errors
from clouds.cloudfoundry import foundation as api
from clouds.cloudfoundry import spaces, tokens
from clouds.cloudfoundry.foundation import Foundation
from clouds.cloudfoundry.health import ping
from clouds.cloudfoundry.http import Part
from clouds.cloudfoundry.tokens import Client
from clouds.errors import CloudError
from clouds.openstack.check import Outcome


class StepName(StrEnum):
    """The links of the chain, in order."""

    API_ROOT = "api root"
    TLS = "tls"
    UAA = "uaa"
    LOGIN = "login server"
    PERSON = "person"
    SPACES = "spaces"


@dataclass(frozen=True, slots=True)
class Step:
    """One link: what was found, and what to fix (empty when there is nothing to fix)."""

    name: StepName
    outcome: Outcome
    found: str
    mend: str = ""
    error: CloudError | None = None


_PERSON_MEND = (
    "In UAA: the portal's client (MESHDECK_CLOUDFOUNDRY_CLIENT_ID) with the grant type "
    "urn:ietf:params:oauth:grant-type:jwt-bearer, and the identity provider, whose relyingPartyId the access token's "
    "audience must name. See docs/cloud-foundry.md."
)


def check(api_url: str, client: Client, access_token: str | None = None, ca_bundle: str = "") -> Iterator[Step]:
    """Yield the steps for a foundation. Without a person's access token, check only what is visible from outside.

    Makes at most six requests and changes nothing. Raises no CloudError.
    """
    try:
        found = api.describe(api_url, ca_bundle)
    except errors.Untrusted as error:
        yield Step(StepName.API_ROOT, Outcome.OK, f"{api_url} answers.")
        yield _failed(StepName.TLS, error, "Add the foundation's CA bundle to the location, or fix its certificate.")
        yield from _skipped("the API root was not read", after=StepName.TLS)
        return
    except CloudError as error:
        yield _failed(StepName.API_ROOT, error, "Use the address that `cf api` accepts: https://api.SYSTEM-DOMAIN.")
        yield from _skipped("the API root was not read", after=StepName.API_ROOT)
        return
    yield Step(StepName.API_ROOT, Outcome.OK, f"{found.api_url} answers, API {found.version}.")
    if found.api_url.startswith("https:"):
        yield Step(StepName.TLS, Outcome.OK, "The certificate is trusted.")
    else:
        mend = "Use https, unless both run on the same machine: this connection carries tokens."
        yield Step(StepName.TLS, Outcome.LACKING, "Plain http: nothing is encrypted.", mend)
    faults = {one.part: one.error for one in ping({Part.UAA: found.uaa_url, Part.LOGIN: found.login_url}, ca_bundle)}
    for name, part, url in (
        (StepName.UAA, Part.UAA, found.uaa_url),
        (StepName.LOGIN, Part.LOGIN, found.login_url),
    ):
        if fault := faults[part]:
            yield _failed(name, fault, "Check the address and the firewall between this machine and the foundation.")
        else:
            yield Step(name, Outcome.OK, f"{url} answers.")
    if access_token is None:
        yield from _skipped("needs the access token of a person who is logged in", after=StepName.LOGIN)
        return
    yield from _as_person(found, client, access_token)


def _as_person(found: Foundation, client: Client, access_token: str) -> Iterator[Step]:
    try:
        token = tokens.by_assertion(found, client, access_token)
    except CloudError as error:
        yield _failed(StepName.PERSON, error, _PERSON_MEND)
        yield from _skipped("the login failed", after=StepName.PERSON)
        return
    yield Step(StepName.PERSON, Outcome.OK, f"The token is accepted, as user {token.user_name} ({token.user_id}).")
    try:
        mine = spaces.mine(found, token)
    except CloudError as error:
        yield _failed(StepName.SPACES, error, "The Cloud Controller must accept tokens of its own UAA: see its log.")
        return
    if not mine:
        mend = "Give the person a role in a space: cf set-space-role USER ORG SPACE SpaceDeveloper --origin ORIGIN"
        yield Step(StepName.SPACES, Outcome.FAILED, f"{token.user_name} has a role in no space.", mend)
        return
    said = "; ".join(f"{one.organization}/{one.name} as {', '.join(one.roles) or 'nothing'}" for one in mine)
    yield Step(StepName.SPACES, Outcome.OK, f"{len(mine)}: {said}.")


def _failed(name: StepName, error: CloudError, mend: str) -> Step:
    return Step(name, Outcome.FAILED, f"{error.reason} {error.detail}".strip(), mend, error)


def _skipped(why: str, *, after: StepName) -> Iterator[Step]:
    names = list(StepName)
    for name in names[names.index(after) + 1 :]:
        yield Step(name, Outcome.SKIPPED, f"Skipped: {why}.")
