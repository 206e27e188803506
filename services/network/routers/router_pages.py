"""The pages that change routers: create, lead outside or not, connect a subnet, delete."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.changing import CommandText
from projects import access
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.outcomes import Command
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view, place
from projects.pages.command import shell_lines
from services.block_storage.volumes.volume_pages import thing_of
from services.network.models import Router
from services.network.networks import lookups as networking
from services.network.routers.router_forms import (
    ClearRouterGatewayForm,
    ConnectSubnetForm,
    CreateRouterForm,
    DeleteRouterForm,
    SetRouterGatewayForm,
)

CONFIRM = "projects/action_confirm.html"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new router."""
    said = _("In %(place)s. It joins networks with each other, and with the world where it leads outside.")
    page = FormPage(
        form=CreateRouterForm,
        title=gettext_lazy("Create router"),
        text=said % {"place": f"{handle.project} @ {handle.location}"},
        key="routers",
        crumb=(gettext_lazy("Routers"), "routers/"),
        initial=lambda request, _visit: {**request.GET.dict(), "subnet_ids": request.GET.getlist("subnet_ids")},
    )
    return acting.show(request, access.enter(request, handle), page)


@form_view
def gateway(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """Where a router leads."""
    router = thing_of(request, handle, Router, external_id, SetRouterGatewayForm)
    text = _("All servers behind it can then reach the world. Who reaches them, floating IPs and security groups say.")
    page = _about(router, SetRouterGatewayForm, _("Lead %(router)s outside"), text, _("Lead outside"))
    return acting.show(request, access.enter(request, handle), page, thing=router)


@form_view
def close(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A router stays inside."""
    router = thing_of(request, handle, Router, external_id, ClearRouterGatewayForm)
    small = _("Its address outside. Led outside again, it gets another one")
    page = _about(
        router,
        ClearRouterGatewayForm,
        _("Close the way outside of %(router)s"),
        _("No server behind it reaches the world any more."),
        _("Close the way outside"),
        CONFIRM,
        lost=[{"text": one, "small": small} for one in router.external_addresses],
        kept=_joined(router),
        icon="unplug",
        foot_note=_("You can lead it outside again with one click."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=router)


@form_view
def connect(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A subnet joins a router."""
    router = thing_of(request, handle, Router, external_id, ConnectSubnetForm)
    text = _("The router takes the gateway address of the subnet, and its servers reach what the router joins.")
    page = _about(router, ConnectSubnetForm, _("Connect a subnet to %(router)s"), text, _("Connect"))
    return acting.show(request, access.enter(request, handle), page, thing=router)


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a router."""
    router = thing_of(request, handle, Router, external_id, DeleteRouterForm)
    addresses = ", ".join(router.external_addresses)
    small = _("Its address outside is %(address)s") % {"address": addresses} if addresses else ""
    page = _about(
        router,
        DeleteRouterForm,
        _("Delete %(router)s"),
        _("In %(place)s.") % {"place": place(router.tenant)},
        _("Delete %(router)s") % {"router": router},
        CONFIRM,
        back="routers/",
        lost=[{"text": str(router), "small": small}],
        kept=_joined(router),
        formats=_leaving(router),
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=router)


def _about(
    router: Router,
    form: type[ActionForm],
    title: str,
    text: str,
    button: str,
    template: str = "projects/action_form.html",
    back: str = "",
    **context: Any,
) -> FormPage:
    """The page of a form about a router, which leads back to it, or to `back` in the tenant."""
    url = f"routers/{router.external_id}/"
    return FormPage(
        form=form,
        title=title % {"router": router},
        text=text,
        key="routers",
        crumb=(str(router), url),
        template=template,
        button=lambda _form: button,
        context=lambda _request, _form: context,
        after=lambda visit, _form: f"/{visit.tenant.handle}/{back or url}",
    )


def _joined(router: Router) -> list[dict[str, str]]:
    """The subnets that it is in, which stay."""
    subnets = networking.subnets_joined(router.tenant, router.external_id)
    said = _("Subnet %(cidr)s, stays with its servers")
    return [{"text": one.name or one.cidr, "small": said % {"cidr": one.cidr}} for one in subnets]


def _leaving(router: Router) -> list[CommandText]:
    """What deleting does, as commands: the router out of its subnets first."""
    subnets = networking.subnets_joined(router.tenant, router.external_id)
    lines: list[Command] = [
        [["router", "remove", "subnet"], [str(router), one.name or one.external_id]] for one in subnets
    ]
    text = shell_lines(router.tenant, [*lines, [["router", "delete"], [str(router)]]])
    return [CommandText("openstack", "openstack", text)]
