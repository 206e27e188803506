"""The buttons and menus of servers, from what a row itself says: they ask no database."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action
from projects.actions import ACTIONS
from projects.models import Tenant
from services.compute.models import Server
from services.compute.servers import connecting
from services.compute.servers.one_server import OneServer

# States of a server that can be started; all others offer to stop it.
_STOPPED = ("SHUTOFF",)
CONSOLE_STATES = ("ACTIVE", "PAUSED", "SUSPENDED", "RESCUE", "VERIFY_RESIZE")


def create_server(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Create server"), f"/{tenant.handle}/servers/create/", "plus")


def of_server(tenant: Tenant, server: Server) -> list[Action]:
    """Everything that can be done with a server, for its row's menu."""
    return menu_of(tenant.handle, server)


def menu_of(handle: str, server: Server) -> list[Action]:
    """The same, by the tenant's handle."""
    back = f"/{handle}/servers/"
    return [*deciding(handle, server, back), *_main(handle, server, back), *_others(handle, server, back)]


def buttons(tenant: Tenant, server: Server) -> list[Action]:
    """The head of its page: what is done most."""
    return _main(tenant.handle, server, page_of(tenant.handle, server))


def more(tenant: Tenant, server: Server) -> list[Action]:
    """What stands behind the dots of its page."""
    return _others(tenant.handle, server, page_of(tenant.handle, server))


def deciding(handle: str, server: Server, back: str) -> list[Action]:
    """Confirm and revert, while a resize waits for that."""
    if server.status != "VERIFY_RESIZE":
        return []
    ask = _asking(handle, server, back)
    return [
        ask("confirm-resize", _("Confirm resize"), "check"),
        ask("revert-resize", _("Revert resize"), "undo-2"),
    ]


def remedies(handle: str, server: Server) -> list[Action]:
    """What a person can do about a server in an error: build it again with the same values, reboot it, delete it."""
    page, again = page_of(handle, server), urlencode({"like": server.external_id})
    found = [Action(_("Build it again"), f"/{handle}/servers/create/?{again}", "plus")]
    if server.launched_at:
        found.append(
            Action(
                _("Reboot hard"), f"{page}reboot/", "rotate-cw", blocked=_why_not("reboot-server", server, kind="hard")
            )
        )
    return [
        *found,
        Action(_("Delete"), f"{page}delete/", "trash-2", danger=True, blocked=_why_not("delete-server", server)),
    ]


def page_of(handle: str, server: Server) -> str:
    """The address of its page."""
    return f"/{handle}/servers/{server.external_id}/"


def _main(handle: str, server: Server, back: str) -> list[Action]:
    ask = _asking(handle, server, back)
    console = "" if server.status in CONSOLE_STATES else _("Only a running server has a console.")
    stopped = server.status in _STOPPED and server.task_state != "powering-off"
    return [
        Action(_("Console"), f"{page_of(handle, server)}console/", "terminal", blocked=console),
        ask("reboot-server", _("Reboot"), "rotate-cw"),
        ask("start-server", _("Start"), "play") if stopped else ask("stop-server", _("Stop"), "square"),
    ]


def _others(handle: str, server: Server, back: str) -> list[Action]:
    ask = _asking(handle, server, back)
    page = page_of(handle, server)

    def form(action: str, label: StrOrPromise, part: str, icon: str, **params: Any) -> Action:
        why = _why_not(action, server, **params)
        return Action(label, f"{page}{part}/", icon, blocked=why, danger=action == "delete-server")

    locked = server.locked
    return [
        form("reboot-server", _("Reboot hard"), "reboot", "zap", kind="hard"),
        form("rename-server", _("Rename"), "rename", "pencil"),
        form("resize-server", _("Resize"), "resize", "scaling"),
        form("create-image", _("Take snapshot"), "snapshot", "camera"),
        connecting.connect_server(handle, server),
        ask("unlock-server", _("Unlock"), "lock-open") if locked else ask("lock-server", _("Lock"), "lock"),
        form("delete-server", _("Delete"), "delete", "trash-2"),
    ]


def _asking(handle: str, server: Server, back: str) -> Callable[[str, StrOrPromise, str], Action]:
    """A maker of buttons that ask for an action at once, and come back."""

    def ask(action: str, label: StrOrPromise, icon: str) -> Action:
        url = f"/{handle}/do/{action}/?{urlencode({'server_id': server.external_id, 'next': back})}"
        return Action(label, url, icon, post=True, blocked=_why_not(action, server))

    return ask


def _why_not(action: str, server: Server, **params: Any) -> str:
    verb = ACTIONS[action]
    if not isinstance(verb, OneServer):
        raise TypeError(f"{action} is not about one server.")
    # Of the params only those count that say how: the rest is chosen on the page behind the button.
    wanted = verb.params.model_construct(server_id=server.external_id, **params) if params else None
    return verb.why_not(server, wanted)
