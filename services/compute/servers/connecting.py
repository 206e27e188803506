"""The ways from a server to the page that connects it to the internet: in its menus, and beside its facts."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.detail import Fact
from services.compute.models import Server


def connect_server(handle: str, server: Server) -> Action:
    """Lead to the page that connects a server to the internet, for the menus of its row and its page.

    What a row does not say, the page says: an address may be missing, or one may lead there already.
    """
    blocked = ""
    floating = [one["address"] for one in server.addresses if one["type"] == "floating"]
    if floating and len(floating) == sum(one["type"] != "floating" and one["version"] == 4 for one in server.addresses):
        blocked = _("It can be reached at %(address)s.") % {"address": floating[0]}
    return Action(_("Connect to the internet"), connect_url(handle, server), "globe", blocked=blocked)


def floating_fact(tenant: Tenant, server: Server) -> Fact:
    """Show a server's floating IPs beside its other facts; without any, the way to the page that connects it."""
    floating = tuple(one["address"] for one in server.addresses if one["type"] == "floating")
    if floating:
        return Fact(_("Floating IP"), chips=floating)
    url = connect_url(tenant.handle, server)
    return Fact(_("Floating IP"), _("Connect to the internet"), url=url, missing=_("none"), offers=True)


def connect_url(handle: str, server: Server) -> str:
    """Return the address of that page."""
    return reverse("connect-server", kwargs={"handle": handle, "external_id": server.external_id})
