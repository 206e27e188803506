"""The workers' side: asks the cloud as the person, and keeps the answer for that person's page."""

from datetime import UTC, datetime
from typing import Any

import structlog
from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import CloudError
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects import platforms
from projects.fetching import asking
from projects.fetching.asking import Note, Wanted
from projects.fetching.declared import FETCHES, Fetch
from projects.models import Tenant

log = structlog.get_logger(__name__)

# After so many seconds nothing more is asked for: somebody waits.
LATEST = 5.0


def fetch(wanted: Wanted) -> None:
    """Fetch it and keeps what came back, or why nothing did; the tenant's pages look again. RedisError."""
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
