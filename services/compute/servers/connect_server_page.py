"""The page that connects a server to the internet: what is there, what is made, and who will reach what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui.changing import CommandText
from projects import access
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Refusal
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view, place
from projects.pages.command import shell_lines
from projects.pages.health import Wire
from services.block_storage.volumes.volume_pages import thing_of
from services.compute.models import Server
from services.compute.servers import buttons as server_actions
from services.compute.servers import connect_server
from services.compute.servers.connect_server_form import ConnectServerForm
from services.network.floating_ips import targets as reaching
from services.network.floating_ips.forms import end_said
from services.network.models import SecurityGroup, SecurityGroupRule
from services.network.routers import internet_plan as connecting
from services.network.routers.internet_plan import Plan
from services.network.security_groups import reach
from services.network.security_groups import reach_panel as words_of
from services.network.security_groups.risky_ports import of_spans


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the way: there already, or `made` (the word for it)."""

    icon: str
    title: StrOrPromise
    text: StrOrPromise
    made: StrOrPromise = ""


@form_view
def show(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """The plan, and the button that carries it out; or at once why there is no way."""
    server = thing_of(request, handle, Server, external_id, ConnectServerForm)
    page = server_actions.page_of(server.tenant.handle, server)
    title = _("Connect %(server)s to the internet") % {"server": server}
    against = _against(server)
    if against and request.method != "POST":
        told = acting.refused(request, access.enter(request, handle), title, against, page)
        told.status_code = 200  # nothing was asked for yet
        return told
    text = _("In %(place)s. All of it is one operation, and what is there already is used.")
    form_page = FormPage(
        form=ConnectServerForm,
        title=title,
        text=text % {"place": place(server.tenant)},
        key="servers",
        crumb=(str(server), f"servers/{external_id}/"),
        template="projects/connect_server.html",
        button=lambda _form: gettext_lazy("Connect"),
        context=_context,
        after=lambda _visit, _form: page,
    )
    return acting.show(request, access.enter(request, handle), form_page, thing=server)


def _against(server: Server) -> Sequence[Refusal]:
    """What stands against every address of the server; nothing as soon as one of them can be connected."""
    found: Sequence[Refusal] = ()
    tenant = server.tenant
    for key in [end.key for end in reaching.ends_of(tenant, [server])] or [""]:
        try:
            connecting.plan_of(tenant, connect_server.Params(server_id=server.external_id, **end_said(key)))
        except connecting.NoPlanError as none:
            found = found or none.refusals
        else:
            return ()
    return found


def _context(_request: HttpRequest, form: ActionForm) -> dict[str, Any]:
    """The pieces of the way, who will reach what, and the commands."""
    if not isinstance(form, ConnectServerForm):
        raise TypeError("This is the page of ConnectServerForm.")
    plan, tenant = form.plan, form.tenant
    if plan is None:
        return {"pieces": (), "wires": (), "risks": (), "formats": []}
    lines = shell_lines(tenant, plan.commands())
    return {
        "plan": plan,
        "pieces": pieces(plan),
        "formats": [CommandText("openstack", "openstack", lines)],
        "groups_url": f"{server_actions.page_of(tenant.handle, plan.end.server)}#reach",
        **opens(tenant, plan),
    }


def pieces(plan: Plan) -> list[Piece]:
    """The way, from outside to the server."""
    outside, server, made = str(plan.outside), str(plan.end.server), _("will be made")
    words = {"outside": outside, "network": str(plan.network), "cidr": plan.subnet.cidr, "address": plan.end.address}
    found = [Piece("globe", outside, _("Where the internet begins"))]
    if plan.foreign:
        said = _("A network of another project. The router that leads outside, if there is one, is theirs")
        found.append(Piece("network", str(plan.network), said))
    else:
        if plan.router is None:
            found.append(Piece("route", plan.new_router, _("A router that leads to %(outside)s") % words, made))
        elif plan.gateway:
            inside = _("A router that stays inside until now")
            found.append(Piece("route", str(plan.router), inside, _("will be led there")))
        else:
            found.append(Piece("route", str(plan.router), _("A router that leads to %(outside)s") % words))
        joint = plan.subnet.gateway, _("The router in %(network)s, %(cidr)s") % words
        found.append(Piece("network", *joint, _("will be connected") if plan.interface else ""))
    if plan.floating is None:
        new = _("An address of %(outside)s, which you learn then") % words
        found.append(Piece("globe", _("A floating IP"), new, made))
    else:
        free = plan.floating.description or _("A floating IP that is free")
        found.append(Piece("globe", plan.floating.address, free))
    found.append(Piece("server", server, _("At its address %(address)s") % words, _("becomes reachable")))
    return found


def opens(tenant: Tenant, plan: Plan) -> dict[str, Any]:
    """Who will reach what, by the security groups of the server's port: as many wires as there are openings."""
    rules = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id__in=plan.end.port.security_group_ids))
    lines = [line for line in reach.compare([], rules) if not line.source.group_id]
    names = dict(SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", "name"))
    words = words_of.Words(names, words_of.networks_of(rules))
    wires: list[Wire] = words_of.wires(lines, words, changed=True)
    risks = of_spans((line.protocol, line.low, line.high) for line in lines if line.source.anywhere)
    return {"wires": wires, "risks": risks}
