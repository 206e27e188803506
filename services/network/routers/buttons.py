"""The buttons and menus of routers, from what a row itself says.

They ask no database. What only other rows tell (a floating IP that leads through) the page behind the button says.
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from services.network.models import Router


def create_router(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    return Action(_("Create router"), reverse("create-router", kwargs={"handle": tenant.handle}), "plus")


def menu(tenant: Tenant, router: Router) -> list[Action]:
    """List everything that can be done with a router."""
    return [*head(tenant, router), *more(tenant, router)]


def head(tenant: Tenant, router: Router) -> list[Action]:
    """List what stands in the head of its page."""
    found = [Action(_("Connect a subnet"), _url("connect-subnet", tenant, router), "plug")]
    if not router.external_network_id:
        found.append(Action(_("Set external gateway"), _url("set-router-gateway", tenant, router), "globe"))
    return found


def more(tenant: Tenant, router: Router) -> list[Action]:
    """List what stands behind the dots of its page."""
    found = []
    if router.external_network_id:
        found.append(Action(_("Change external gateway"), _url("set-router-gateway", tenant, router), "globe"))
        found.append(Action(_("Remove external gateway"), _url("clear-router-gateway", tenant, router), "unplug"))
    return [*found, Action(_("Delete"), _url("delete-router", tenant, router), "trash-2", danger=True)]


def _url(page: str, tenant: Tenant, router: Router) -> str:
    return reverse(page, kwargs={"handle": tenant.handle, "external_id": router.external_id})
