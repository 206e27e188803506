"""The pages that change networks and subnets: create, rename, add a subnet, delete."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.changing import CommandText
from projects import access
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Command
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view, place
from projects.pages.command import shell_lines
from services.block_storage.volumes.volume_pages import thing_of
from services.network.models import Network, Router, Subnet
from services.network.networks import vacating as leaving
from services.network.networks.network_forms import (
    CreateNetworkForm,
    CreateSubnetForm,
    DeleteNetworkForm,
    DeleteSubnetForm,
    EditNetworkForm,
)

CONFIRM = "projects/action_confirm.html"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new network."""
    said = _("In %(place)s. It joins servers with each other, and by a router with the world.")
    page = FormPage(
        form=CreateNetworkForm,
        title=gettext_lazy("Create network"),
        text=said % {"place": f"{handle.project} @ {handle.location}"},
        key="networks",
        crumb=(gettext_lazy("Networks"), "networks/"),
        button=_button,
    )
    return acting.show(request, access.enter(request, handle), page)


def _button(form: ActionForm) -> str:
    connect = str(form["connect"].value() or "")
    return _("Create network") if connect in ("", "inside") else _("Create and connect")


@form_view
def edit(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """A network's name and description."""
    network = thing_of(request, handle, Network, external_id, EditNetworkForm)
    text = _("Names are for people: the cloud knows it by its id, and nothing that uses it notices.")
    page = _about(network, EditNetworkForm, _("Rename %(thing)s") % {"thing": network}, text, _("Save"))
    return acting.show(request, access.enter(request, handle), page, thing=network)


@form_view
def create_subnet(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """One more subnet."""
    network = thing_of(request, handle, Network, external_id, CreateSubnetForm)
    text = _("More addresses for its servers: a second range, or IPv6 beside IPv4.")
    title = _("Add a subnet to %(network)s") % {"network": network}
    page = _about(network, CreateSubnetForm, title, text, _("Create subnet"))
    return acting.show(request, access.enter(request, handle), page, thing=network)


@form_view
def delete(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The end of a network."""
    network = thing_of(request, handle, Network, external_id, DeleteNetworkForm)
    tenant = network.tenant
    subnets = list(Subnet.objects.filter(tenant=tenant, network_id=external_id))
    lost = [{"text": str(network), "small": network.description}]
    lost += [_as_lost(one) for one in subnets]
    page = _about(
        network,
        DeleteNetworkForm,
        _("Delete %(thing)s") % {"thing": network},
        _("In %(place)s.") % {"place": place(tenant)},
        _("Delete %(thing)s") % {"thing": network},
        CONFIRM,
        back="networks/",
        lost=lost,
        kept=_routers(leaving.routers_there(subnets)),
        formats=formats(tenant, subnets, [["network", "delete"], [str(network)]]),
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=network)


@form_view
def delete_subnet(request: HttpRequest, handle: Handle, external_id: str, subnet_id: str) -> HttpResponse:
    """The end of a subnet."""
    network = thing_of(request, handle, Network, external_id, DeleteSubnetForm)
    subnet = Subnet.objects.filter(tenant=network.tenant, network_id=external_id, external_id=subnet_id).first()
    if subnet is None:
        raise Http404
    subnet.tenant = network.tenant
    name = subnet.name or subnet.cidr
    page = _about(
        network,
        DeleteSubnetForm,
        _("Delete %(thing)s") % {"thing": name},
        _("In %(network)s, %(place)s.") % {"network": network, "place": place(network.tenant)},
        _("Delete %(thing)s") % {"thing": name},
        CONFIRM,
        lost=[_as_lost(subnet)],
        kept=_routers(leaving.routers_there([subnet])),
        formats=formats(network.tenant, [subnet], [["subnet", "delete"], [str(subnet)]]),
        icon="trash-2",
        foot_note=_("There is no undo."),
    )
    return acting.show(request, access.enter(request, handle), page, thing=subnet)


def _about(
    network: Network,
    form: type[ActionForm],
    title: str,
    text: str,
    button: str,
    template: str = "projects/action_form.html",
    back: str = "",
    **context: Any,
) -> FormPage:
    """The page of a form about a network, which leads back to it, or to `back` in the tenant."""
    url = f"networks/{network.external_id}/"
    return FormPage(
        form=form,
        title=title,
        text=text,
        key="networks",
        crumb=(str(network), url),
        template=template,
        button=lambda _form: button,
        context=lambda _request, _form: context,
        after=lambda visit, _form: f"/{visit.tenant.handle}/{back or url}",
    )


def _as_lost(subnet: Subnet) -> dict[str, str]:
    said = subnet.cidr if subnet.name else ""
    return {"text": subnet.name or subnet.cidr, "small": ", ".join(filter(None, [_("Subnet"), said]))}


def _routers(routers: Sequence[Router]) -> list[dict[str, str]]:
    return [{"text": str(one), "small": _("Router, is disconnected from it first")} for one in routers]


def formats(tenant: Tenant, subnets: Sequence[Subnet], delete: Command) -> list[CommandText]:
    """What deleting does, as commands: the routers out of the subnets first."""
    lines = shell_lines(tenant, [*leaving.commands(tenant, subnets), delete])
    return [CommandText("openstack", "openstack", lines)]
