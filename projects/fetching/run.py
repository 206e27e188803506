"""The workers' side: asks the cloud as the person, and keeps the answer for that person's page."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic

import structlog
from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import servers
from clouds.openstack.servers import Console
from clouds.openstack.session import Connection
from portal.identity.errors import ProviderUnreachable, SessionEnded
from projects.fetching import asking
from projects.fetching.asking import Note, Wanted
from projects.models import Tenant
from services.openstack import tokens

log = structlog.get_logger(__name__)

# After so many seconds nothing more is asked for: somebody waits.
LATEST = 5.0
# Those that a browser opens by themselves.
_CONSOLES = (Console.NOVNC, Console.SPICE)


def console_log(cloud: Connection, wanted: Wanted) -> Note:
    """The last lines that a server wrote to its console."""
    return Note(datetime.now(UTC), servers.console_log(cloud, wanted.external_id, wanted.lines))


def console(cloud: Connection, wanted: Wanted) -> Note:
    """The address of a server's screen, of the first kind that the cloud has."""
    refused: CloudError | None = None
    for kind in _CONSOLES:
        try:
            return Note(datetime.now(UTC), servers.console_url(cloud, wanted.external_id, kind))
        except errors.Invalid as error:
            refused = refused or error
    reason = _("The cloud has no console that a browser opens.")
    detail, request_id = (refused.detail, refused.request_id) if refused else ("", "")
    return Note(datetime.now(UTC), reason=reason, detail=detail, request_id=request_id)


FETCHES: Mapping[str, Callable[[Connection, Wanted], Note]] = {"console-log": console_log, "console": console}


def fetch(wanted: Wanted) -> None:
    """Fetches it and keeps what came back, or why nothing did; the tenant's pages look again. RedisError."""
    tenant = asking.tenant_of(wanted)
    if tenant is None:
        return
    asking.keep(wanted, _answer(tenant, wanted))
    tenant.grow()


def _answer(tenant: Tenant, wanted: Wanted) -> Note:
    now = datetime.now(UTC)
    try:
        return tokens.as_person(tenant, wanted.grant, lambda cloud: _with(cloud, wanted))
    except SessionEnded:
        return Note(now, reason=_("Your login has ended. Log in again."))
    except ProviderUnreachable:
        return Note(now, reason=_("The identity provider is not answering. Try again in a moment."))
    except CloudError as error:
        log.info("fetch_failed", what=wanted.what, code=error.code, status=error.status, request_id=error.request_id)
        return Note(now, reason=_reason(tenant, error), detail=error.detail, request_id=error.request_id)


def _reason(tenant: Tenant, error: CloudError) -> str:
    match error:
        case errors.Forbidden():
            said = _("%(place)s does not allow this to your role. Ask an admin of the project.")
            return said % {"place": tenant.location.name}
        case errors.NotFound():
            return _("The cloud knows no such server, or has no host for it.")
        case errors.Conflict():
            return _("The server is not ready for that now: it has to be on a host, and built.")
    return error.reason


def _with(cloud: Connection, wanted: Wanted) -> Note:
    cloud.http.deadline = monotonic() + LATEST
    return FETCHES[wanted.what](cloud, wanted)
