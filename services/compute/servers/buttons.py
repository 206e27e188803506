"""The buttons and menus of servers, from what a row itself says: they ask no database."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from projects.pages.action_pages import ActionPage
from services.compute.models import Server
from services.compute.servers import (
    connect_server_page,
    create_image_page,
    create_server_page,
    delete_server_page,
    reboot_server_page,
    rebuild_server_page,
    rename_server_page,
    rescue_server_page,
    resize_server_page,
    shelve_server_page,
)
from services.compute.servers.kind import SERVERS
from services.compute.servers.one_server import why_not

# States of a server that can be started; all others offer to stop it.
_STOPPED = ("SHUTOFF",)
# What leads out of a state in which hardly anything else can be done: it stands first.
_WAY_ON = {
    "PAUSED": ("unpause-server", gettext_lazy("Unpause"), "play"),
    "SUSPENDED": ("resume-server", gettext_lazy("Resume"), "play"),
    "SHELVED": ("unshelve-server", gettext_lazy("Unshelve"), "archive-restore"),
    "SHELVED_OFFLOADED": ("unshelve-server", gettext_lazy("Unshelve"), "archive-restore"),
    "RESCUE": ("unrescue-server", gettext_lazy("End rescue mode"), "life-buoy"),
}
CONSOLE_STATES = ("ACTIVE", "PAUSED", "SUSPENDED", "RESCUE", "VERIFY_RESIZE")


def create_server(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    return Action(_("Create server"), create_server_page.PAGE.url(tenant), "plus")


def menu(tenant: Tenant, server: Server) -> list[Action]:
    """List everything that can be done with a server, for its row."""
    back = SERVERS.url(tenant.handle)
    return [*deciding(tenant, server, back), *_main(tenant, server, back), *_others(tenant, server, back)]


def head(tenant: Tenant, server: Server) -> list[Action]:
    """List what is done most, for the head of its page."""
    return _main(tenant, server, SERVERS.url_of(tenant.handle, server.external_id))


def more(tenant: Tenant, server: Server) -> list[Action]:
    """List what stands behind the dots of its page."""
    return _others(tenant, server, SERVERS.url_of(tenant.handle, server.external_id))


def deciding(tenant: Tenant, server: Server, back: str) -> list[Action]:
    """Offer to confirm and to revert, while a resize waits for that."""
    if server.status != "VERIFY_RESIZE":
        return []
    ask = _asking(tenant, server, back)
    return [
        ask("confirm-resize", _("Confirm resize"), "check"),
        ask("revert-resize", _("Revert resize"), "undo-2"),
    ]


def remedies(tenant: Tenant, server: Server) -> list[Action]:
    """Offer what helps with a server in an error: build it again with the same values, reboot it, delete it."""
    again = urlencode({"like": server.external_id})
    found = [Action(_("Build it again"), f"{create_server_page.PAGE.url(tenant)}?{again}", "plus")]
    if server.launched_at:
        found.append(_form(tenant, server, reboot_server_page.PAGE, _("Reboot hard"), "rotate-cw", kind="hard"))
    return [*found, _delete(tenant, server)]


def _main(tenant: Tenant, server: Server, back: str) -> list[Action]:
    ask = _asking(tenant, server, back)
    console = reverse("server-console", kwargs={"handle": tenant.handle, "external_id": server.external_id})
    against = "" if server.status in CONSOLE_STATES else _("Only a running server has a console.")
    stopped = server.status in _STOPPED and server.task_state != "powering-off"
    if server.status in _WAY_ON:
        return [ask(*_WAY_ON[server.status]), Action(_("Console"), console, "terminal", blocked=against)]
    return [
        Action(_("Console"), console, "terminal", blocked=against),
        ask("reboot-server", _("Reboot"), "rotate-cw"),
        ask("start-server", _("Start"), "play") if stopped else ask("stop-server", _("Stop"), "square"),
    ]


def _others(tenant: Tenant, server: Server, back: str) -> list[Action]:
    ask = _asking(tenant, server, back)
    resting = [] if server.status in _WAY_ON else _resting(tenant, server, back)
    return [
        _form(tenant, server, reboot_server_page.PAGE, _("Reboot hard"), "zap", kind="hard"),
        _form(tenant, server, rename_server_page.PAGE, _("Rename"), "pencil"),
        _form(tenant, server, resize_server_page.PAGE, _("Resize"), "scaling"),
        _form(tenant, server, create_image_page.PAGE, _("Take snapshot"), "camera"),
        *resting,
        _connect(tenant, server),
        ask("unlock-server", _("Unlock"), "lock-open") if server.locked else ask("lock-server", _("Lock"), "lock"),
        _delete(tenant, server),
    ]


def _resting(tenant: Tenant, server: Server, back: str) -> list[Action]:
    """Offer what takes a server out of service for a while, or mends it."""
    ask = _asking(tenant, server, back)
    return [
        ask("pause-server", _("Pause"), "pause"),
        ask("suspend-server", _("Suspend"), "moon"),
        _form(tenant, server, shelve_server_page.PAGE, _("Shelve"), "archive"),
        _form(tenant, server, rescue_server_page.PAGE, _("Rescue"), "life-buoy"),
        _form(tenant, server, rebuild_server_page.PAGE, _("Rebuild"), "refresh-cw"),
    ]


def _form(tenant: Tenant, server: Server, page: ActionPage, label: StrOrPromise, icon: str, **params: Any) -> Action:
    """Lead to the page of an action."""
    return Action(label, page.url(tenant, server), icon, blocked=why_not(page.form.action, server, **params))


def _delete(tenant: Tenant, server: Server) -> Action:
    against = why_not("delete-server", server)
    return Action(_("Delete"), delete_server_page.PAGE.url(tenant, server), "trash-2", danger=True, blocked=against)


def _connect(tenant: Tenant, server: Server) -> Action:
    """Lead to the page that connects a server to the internet.

    What a row does not say, the page says: an address may be missing, or one may lead there already.
    """
    blocked = ""
    floating = [one["address"] for one in server.addresses if one["type"] == "floating"]
    if floating and len(floating) == sum(one["type"] != "floating" and one["version"] == 4 for one in server.addresses):
        blocked = _("It can be reached at %(address)s.") % {"address": floating[0]}
    url = connect_server_page.PAGE.url(tenant, server)
    return Action(_("Connect to the internet"), url, "globe", blocked=blocked)


def _asking(tenant: Tenant, server: Server, back: str) -> Callable[[str, StrOrPromise, str], Action]:
    """Return a maker of buttons that ask for an action at once, and come back."""

    def ask(action: str, label: StrOrPromise, icon: str) -> Action:
        url = button_url(tenant, action, back, server_id=server.external_id)
        return Action(label, url, icon, post=True, blocked=why_not(action, server))

    return ask
