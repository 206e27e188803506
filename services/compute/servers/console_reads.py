"""What a person reads of a server's console: its last lines, and the way to its screen."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import servers
from clouds.openstack.servers import Console
from clouds.openstack.session import Connection
from projects.fetching.asking import Note, Wanted
from projects.fetching.declared import Fetch
from projects.models import Tenant

# Those that a browser opens by themselves.
_CONSOLES = (Console.NOVNC, Console.SPICE)


class _OfServer(Fetch[Connection]):
    """Something of one server."""

    def why_not(self, tenant: Tenant, error: CloudError) -> str:
        match error:
            case errors.NotFound():
                return _("The cloud knows no such server, or has no host for it.")
            case errors.Conflict():
                return _("The server is not ready for that now: it has to be on a host, and built.")
        return error.reason


class ConsoleLog(_OfServer):
    """The last lines that a server wrote to its console."""

    what = "console-log"

    def fetch(self, cloud: Connection, wanted: Wanted) -> Note:
        return Note(datetime.now(UTC), servers.console_log(cloud, wanted.external_id, wanted.lines))


class ConsoleAddress(_OfServer):
    """The address of a server's screen, of the first kind that the cloud has."""

    what = "console"

    def fetch(self, cloud: Connection, wanted: Wanted) -> Note:
        refused: CloudError | None = None
        for kind in _CONSOLES:
            try:
                return Note(datetime.now(UTC), servers.console_url(cloud, wanted.external_id, kind))
            except errors.Invalid as error:
                refused = refused or error
        reason = _("The cloud has no console that a browser opens.")
        detail, request_id = (refused.detail, refused.request_id) if refused else ("", "")
        return Note(datetime.now(UTC), reason=reason, detail=detail, request_id=request_id)
