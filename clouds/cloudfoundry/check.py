"""Walks the whole chain from an API root to a person's spaces, and says at each step what it found.

The engine of `manage.py check_location` for foundations. Steps come one by one, so that the operator sees them as they
happen; after a step that everything else needs has failed, the rest is skipped.
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
    """One link: what was found, and what to mend (empty when nothing is)."""

    name: StepName
    outcome: Outcome
    found: str
    mend: str = ""
    error: CloudError | None = None


_PERSON_MEND = (
    "In UAA: the portal's client (MESHDECK_CLOUDFOUNDRY_CLIENT_ID) with the grant type "
    "urn:ietf:params:oauth:grant-type:jwt-bearer, and the identity provider, whose relyingPartyId the access token's "
    "audience must name. docs/cloud-foundry.md tells how."
)


def check(api_url: str, client: Client, access_token: str | None = None, ca_bundle: str = "") -> Iterator[Step]:
    """The steps for a foundation. Without a person's access token it goes as far as can be seen from outside.

    Six requests at most, nothing is changed. Raises no CloudError.
    """
    try:
        found = api.describe(api_url, ca_bundle)
    except errors.Untrusted as error:
        yield Step(StepName.API_ROOT, Outcome.OK, f"{api_url} answers.")
        yield _failed(
            StepName.TLS, error, "Give the location the CA bundle of the foundation, or mend its certificate."
        )
        yield from _skipped("the API root was not read", after=StepName.TLS)
        return
    except CloudError as error:
        yield _failed(StepName.API_ROOT, error, "Give the address that `cf api` takes: https://api.SYSTEM-DOMAIN.")
        yield from _skipped("the API root was not read", after=StepName.API_ROOT)
        return
    yield Step(StepName.API_ROOT, Outcome.OK, f"{found.api_url} answers, API {found.version}.")
    if found.api_url.startswith("https:"):
        yield Step(StepName.TLS, Outcome.OK, "The certificate is trusted.")
    else:
        mend = "Use https, except on one machine: tokens go over this connection."
        yield Step(StepName.TLS, Outcome.LACKING, "Plain http, nothing is encrypted.", mend)
    faults = {one.part: one.error for one in ping({Part.UAA: found.uaa_url, Part.LOGIN: found.login_url}, ca_bundle)}
    for name, part, url in (
        (StepName.UAA, Part.UAA, found.uaa_url),
        (StepName.LOGIN, Part.LOGIN, found.login_url),
    ):
        if fault := faults[part]:
            yield _failed(name, fault, "Check address and firewall between this machine and the foundation.")
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
        yield from _skipped("nobody could be logged in", after=StepName.PERSON)
        return
    yield Step(StepName.PERSON, Outcome.OK, f"The token is taken, as user {token.user_name} ({token.user_id}).")
    try:
        mine = spaces.mine(found, token)
    except CloudError as error:
        yield _failed(StepName.SPACES, error, "The Cloud Controller must take tokens of its own UAA: see its log.")
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
        yield Step(name, Outcome.SKIPPED, f"Not looked at: {why}.")
