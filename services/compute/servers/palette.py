"""What the palette offers."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.compute.models import Server
from services.compute.servers.one_server import why_not


def _possible(name: str) -> Callable[[Any], bool]:
    """Tell whether nothing that a server's row tells speaks against this action."""

    def fits(server: Server) -> bool:
        return not why_not(name, server)

    return fits


WAYS = (
    Way("create-server", _("Create a server…"), "create-server"),
    Way("attach-volume", _("Attach a volume to %(name)s…"), "server", Server, fragment="volumes"),
    Way("set-port-groups", _("Change security groups of %(name)s…"), "server", Server, fragment="reach"),
    Way("create-image", _("Take a snapshot of %(name)s…"), "create-image", Server, _possible("create-image")),
    Way("resize-server", _("Resize %(name)s…"), "resize-server", Server, _possible("resize-server")),
    Way("reboot-server", _("Reboot %(name)s…"), "reboot-server", Server, _possible("reboot-server")),
    Way("shelve-server", _("Shelve %(name)s…"), "shelve-server", Server, _possible("shelve-server")),
    Way("rescue-server", _("Rescue %(name)s…"), "rescue-server", Server, _possible("rescue-server")),
    Way("rebuild-server", _("Rebuild %(name)s…"), "rebuild-server", Server, _possible("rebuild-server")),
    Way("rename-server", _("Rename %(name)s…"), "rename-server", Server, _possible("rename-server")),
    Way(
        "connect-server",
        _("Connect %(name)s to the internet…"),
        "connect-server",
        Server,
        lambda server: all(one["type"] != "floating" for one in server.addresses),
    ),
    Way("delete-server", _("Delete %(name)s…"), "delete-server", Server, _possible("delete-server")),
)
