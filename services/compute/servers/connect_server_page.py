"""The page that connects a server to the internet: what is there, what is made, and who will reach what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui.changing import CommandText
from projects.forms.base import ActionForm
from projects.models import Tenant
from projects.outcomes import Refusal
from projects.pages.action_pages import About, ActionPage, Words
from projects.pages.command import shell_lines
from projects.pages.health import Wire
from services.compute.models import Server
from services.compute.servers import connect_server
from services.compute.servers.connect_server_form import ConnectServerForm
from services.compute.servers.kind import SERVERS
from services.network.floating_ips import targets
from services.network.floating_ips.forms import end_said
from services.network.models import SecurityGroupRule
from services.network.routers import internet_plan
from services.network.routers.internet_plan import Plan
from services.network.security_groups import reach, reach_panel
from services.network.security_groups.other_ends import other_ends
from services.network.security_groups.risky_ports import of_spans


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the way: there already, or `made` (the word for it)."""

    icon: str
    title: StrOrPromise
    text: StrOrPromise
    made: StrOrPromise = ""


def words(about: About) -> Words:
    """Say what stands on the page; at once why there is no way, where there is none."""
    text = _("In %(place)s. All of it is one operation, and what is there already is used.")
    return Words(
        title=_("Connect %(server)s to the internet") % {"server": about.thing},
        text=text % {"place": about.place},
        button=_("Connect"),
        template="compute/connect_server.html",
        context=_context,
        against=_against(about.thing),
    )


def _against(server: Server) -> Sequence[Refusal]:
    """Return what stands against every address of the server; nothing as soon as one of them can be connected."""
    found: Sequence[Refusal] = ()
    tenant = server.tenant
    for key in [end.key for end in targets.ends_of(tenant, [server])] or [""]:
        try:
            internet_plan.plan_of(tenant, connect_server.Params(server_id=server.external_id, **end_said(key)))
        except internet_plan.NoPlanError as none:
            found = found or none.refusals
        else:
            return ()
    return found


def _context(form: ActionForm) -> dict[str, Any]:
    """Return the pieces of the way, who will reach what, and the commands."""
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
        "groups_url": f"{SERVERS.url_of(tenant.handle, plan.end.server.external_id)}#reach",
        **opens(tenant, plan),
    }


def pieces(plan: Plan) -> list[Piece]:
    """Describe the way, from outside to the server."""
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
    """Tell who will reach what, by the security groups of the server's port: as many wires as there are openings."""
    rules = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id__in=plan.end.port.security_group_ids))
    lines = [line for line in reach.compare([], rules) if not line.source.group_id]
    words = reach_panel.Words(other_ends(tenant), reach_panel.networks_of(rules))
    wires: list[Wire] = reach_panel.wires(lines, words, changed=True)
    risks = of_spans((line.protocol, line.low, line.high) for line in lines if line.source.anywhere)
    return {"wires": wires, "risks": risks}


PAGE = ActionPage(kind=SERVERS, path="connect/", form=ConnectServerForm, words=words)
