"""The workers' side: asks the cloud as the person, and keeps the answer for that person's page."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import structlog
from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import CloudError
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import platforms
from projects.fetching import asking
from projects.fetching.asking import Note, Wanted
from projects.models import Tenant
from projects.plugins import each_in

log = structlog.get_logger(__name__)

S = TypeVar("S")

# After so many seconds nothing more is asked for: somebody waits.
LATEST = 5.0


class Fetch(ABC, Generic[S]):
    """Something that one person wants to see now. A wing's module that declares one is all it takes."""

    # What a page asks for (fetching.asking.Wanted).
    what: ClassVar[str]

    @abstractmethod
    def fetch(self, cloud: S, wanted: Wanted) -> Note:
        """Ask the cloud for it, as the person. CloudErrors pass."""

    def why_not(self, tenant: Tenant, error: CloudError) -> str:
        """Return why there is none, in a sentence."""
        return error.reason


FETCHES: dict[str, Fetch[Any]] = {}


def register(module: ModuleType) -> None:
    """Take in what the module declares. TypeError for the same twice."""
    for one in each_in(module, Fetch, "what"):
        if one.what in FETCHES and type(FETCHES[one.what]) is not type(one):
            raise TypeError(f"{one.what} is declared twice.")
        FETCHES[one.what] = one


def fetch(wanted: Wanted) -> None:
    """Fetches it and keeps what came back, or why nothing did; the tenant's pages look again. RedisError."""
    tenant = asking.tenant_of(wanted)
    if tenant is None:
        return
    asking.keep(wanted, _answer(tenant, wanted))
    tenant.grow()


def _answer(tenant: Tenant, wanted: Wanted) -> Note:
    now, one = datetime.now(UTC), FETCHES[wanted.what]
    try:
        platform = platforms.of(tenant.location)
        return platform.as_person(tenant, wanted.grant, lambda cloud: one.fetch(cloud, wanted), seconds=LATEST)
    except SessionEnded:
        return Note(now, reason=_("Your login has ended. Log in again."))
    except ProviderUnreachable:
        return Note(now, reason=_("The identity provider is not answering. Try again in a moment."))
    except CloudError as error:
        log.info("fetch_failed", what=wanted.what, code=error.code, status=error.status, request_id=error.request_id)
        return Note(now, reason=_reason(tenant, one, error), detail=error.detail, request_id=error.request_id)


def _reason(tenant: Tenant, one: Fetch[Any], error: CloudError) -> str:
    if isinstance(error, errors.Forbidden):
        said = _("%(place)s does not allow this to your role. Ask an admin of the project.")
        return said % {"place": tenant.location.name}
    return one.why_not(tenant, error)
