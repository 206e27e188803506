"""The stand-in's settings and its contents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Client:
    """A client of UAA with its grants. Both clients that every foundation has use the empty secret."""

    grants: frozenset[str]
    secret: str = field(default="", repr=False)


# `cf` is the command line's client, as cf-deployment ships it. `meshdeck` is what an operator adds for the portal
# (docs/cloud-foundry.md).
CLIENTS: Mapping[str, Client] = {
    "cf": Client(frozenset({"password", "refresh_token"})),
    "meshdeck": Client(frozenset({JWT_BEARER})),
}


@dataclass(frozen=True, slots=True)
class Space:
    """One space with its organization; both have ids that are the same at every start."""

    organization: str
    name: str

    @property
    def guid(self) -> str:
        return str(uuid5(NAMESPACE_URL, f"space:{self.organization}/{self.name}"))

    @property
    def organization_guid(self) -> str:
        return organization_guid(self.organization)


def organization_guid(name: str) -> str:
    """Return the organization's id."""
    return str(uuid5(NAMESPACE_URL, f"organization:{name}"))


SPACES = (Space("atlas", "production"),)

# The identity provider's group <organization>-<suffix> gives these roles in each space of the organization. In a real
# foundation its operator assigns them to people, or a job does it by their groups.
GROUP_ROLES = {
    "admin": ("space_manager", "space_developer"),
    "member": ("space_developer",),
    "reader": ("space_auditor",),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The stand-in's addresses and the identity provider that it trusts.

    `origin` is the provider's name in this UAA; `client_id` is UAA's client at the provider, its relying party id,
    which the audience of an assertion has to include. `cors_origin` is the only site whose scripts may request a
    passcode (cors.xhr.allowed.origins of UAA). `now` returns seconds since 1970.
    """

    api_url: str
    uaa_url: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    now: Callable[[], float]
    origin: str = "meshdeck"
    cors_origin: str = ""
    name: str = "north-cf"
    spaces: tuple[Space, ...] = SPACES
    clients: Mapping[str, Client] = field(default_factory=lambda: CLIENTS)
