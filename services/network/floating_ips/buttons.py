"""The buttons and menus of floating IPs, from what a row itself says. They ask no database."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from services.network.floating_ips.kind import FLOATING_IPS
from services.network.models import FloatingIP


def allocate_floating_ip(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    return Action(_("Allocate floating IP"), reverse("allocate-floating-ip", kwargs={"handle": tenant.handle}), "plus")


def menu(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """List everything that can be done with a floating IP."""
    return [*_leading(tenant, floating, FLOATING_IPS.url(tenant.handle)), *more(tenant, floating)]


def head(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """List what stands in the head of its page."""
    return _leading(tenant, floating, FLOATING_IPS.url_of(tenant.handle, floating.external_id))


def more(tenant: Tenant, floating: FloatingIP) -> list[Action]:
    """List what stands behind the dots of its page."""
    return [Action(_("Release"), _url("release-floating-ip", tenant, floating), "trash-2", danger=True)]


def _leading(tenant: Tenant, floating: FloatingIP, back: str) -> list[Action]:
    url = _url("associate-floating-ip", tenant, floating)
    if not floating.port_id:
        return [Action(_("Associate with a server"), url, "plug")]
    return [Action(_("Associate with another server"), url, "plug"), disassociate(tenant, floating, back)]


def disassociate(tenant: Tenant, floating: FloatingIP, back: str) -> Action:
    """Disassociate it, at once: Undo associates it again."""
    ids = {"floating_ip_id": floating.external_id, "was_port_id": floating.port_id}
    return Action(_("Disassociate"), button_url(tenant, "disassociate-floating-ip", back, **ids), "unplug", post=True)


def _url(page: str, tenant: Tenant, floating: FloatingIP) -> str:
    return reverse(page, kwargs={"handle": tenant.handle, "external_id": floating.external_id})
