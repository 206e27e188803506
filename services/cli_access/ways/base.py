"""What a way is: one manner of logging in with the openstack command, in one module.

Variables are keystoneauth's (keystoneauth1.loading, its `get_options`), each as OS_… in the environment and without the
prefix in clouds.yaml.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from services.cli_access.description import Issued, Login, Place, Provider


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what there is to know about a way."""

    label: StrOrPromise
    value: StrOrPromise


class Way(ABC):
    """One way to log in. Instances have no state."""

    key: ClassVar[str]
    position: ClassVar[int]
    icon: ClassVar[str]
    title: ClassVar[StrOrPromise]
    # For whom it is right, in one or two short sentences.
    text: ClassVar[StrOrPromise]
    # Whether a secret is made for the file, which then is handed out by POST only.
    issues: ClassVar[bool] = False
    # Whether the secret comes by a login of its own, whose page hands the files out.
    separate: ClassVar[bool] = False
    # The formats that can say it; empty: all of them.
    only: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def facts(self) -> Sequence[Fact]:
        """Say where the secret is, how long it lives, whether a second factor works, how to end it."""

    @abstractmethod
    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        """Describe this way into that place. `issued` is given to ways that issue what the file holds."""

    def against(self, place: Place, provider: Provider) -> str:
        """Say why it is not offered there; nothing when it is."""
        return ""

    def asks(self) -> str:
        """Return what the first command answers with before it works, as an example; nothing when it works at once."""
        return ""


def common(place: Place, auth_type: str) -> dict[str, str]:
    """Say what every way says: where, by which provider, into which project."""
    # The id is enough for Keystone; the name is for people and prompts, and is refused without its domain.
    named = {"OS_PROJECT_NAME": place.project_name, "OS_PROJECT_DOMAIN_ID": place.domain_id}
    return {
        "OS_AUTH_TYPE": auth_type,
        "OS_AUTH_URL": place.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_IDENTITY_PROVIDER": place.identity_provider,
        "OS_PROTOCOL": place.protocol,
        "OS_PROJECT_ID": place.project_id,
        **(named if place.domain_id else {}),
        **({"OS_REGION_NAME": place.region} if place.region else {}),
        "OS_INTERFACE": place.interface,
    }


def client(provider: Provider) -> dict[str, str]:
    """Return the command line's own client at the identity provider."""
    return {
        "OS_DISCOVERY_ENDPOINT": provider.discovery_endpoint,
        "OS_CLIENT_ID": provider.client_id,
        "OS_OPENID_SCOPE": provider.scope,
    }


def grant_missing(provider: Provider, grant: str) -> str:
    """Say why a way that needs this grant type is not offered; empty when the provider has it, or names none."""
    if provider.grants and grant not in provider.grants:
        return _("%(provider)s does not offer it.") % {"provider": provider.name}
    return ""
