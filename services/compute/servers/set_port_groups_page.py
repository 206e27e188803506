"""The sheet of a server's page that shows and changes the security groups of each of its ports."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.changing import CommandText
from portal.ui.commands import Command
from portal.ui.forms import Told, is_preview, told
from projects import access
from projects.access import Visit
from projects.forms.base import ActionForm
from projects.models import OperationTarget, Role, Tenant
from projects.pages.action_pages import About, ActionPage, Words
from projects.pages.command import commands_of, shell_lines
from projects.pages.health import Wire
from projects.prepared import Prepared, PreparedRows
from services.compute.models import Server
from services.compute.servers.kind import SERVERS
from services.compute.servers.set_port_groups_form import PortGroupsForm
from services.network.models import FloatingIP, Network, Port
from services.network.security_groups import reach, reach_panel
from services.network.security_groups.reach import Line
from services.network.security_groups.risky_ports import of_spans

# The highest number that a port can have.
_PORTS = 65535
_OPERATION = re.compile(r"op-[0-9A-Z]{16}")
# More cards than these scroll by themselves.
_MANY = 12

_FLOATING = PreparedRows(
    FloatingIP,
    lambda tenant, port: FloatingIP.objects.filter(tenant=tenant, port_id=port).order_by("name", "external_id")[:1],
    tenant=-1,
    port="port",
)


def _of_networks(tenant: int, server: str) -> QuerySet[Network, Any]:
    ports = Port.objects.filter(tenant=tenant, device_id=server).values("network_id")
    return Network.objects.filter(tenant=tenant, external_id__in=ports).values_list("external_id", "name")


# The networks that a server is on, by id and name.
_NETWORKS = Prepared(_of_networks, tenant=-1, server="server")


@dataclass(frozen=True, slots=True)
class Tab:
    """One port of the server, as a choice."""

    label: str
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the sheet shows. Without a port there is nothing to choose."""

    form: PortGroupsForm
    port: Port | None
    network: str
    address: str
    floating: str
    tabs: Sequence[Tab]
    wires: Sequence[Wire]
    out: Sequence[Wire]
    opens: int
    closes: int
    anywhere: bool
    notes: Sequence[str]
    risks: str
    now: str
    later: str
    commands: Sequence[CommandText]
    page: str
    url: str
    errors: Sequence[Told]

    @property
    def changed(self) -> bool:
        """Whether anything would come or go."""
        return self.form.changed

    @property
    def sendable(self) -> bool:
        """Whether Apply would do something."""
        return self.changed and not self.errors

    @property
    def many(self) -> bool:
        """Whether the cards fill more than a screen."""
        return len(self.form.names) > _MANY

    @property
    def asked(self) -> str:
        """The port that is asked about, as it was typed."""
        return str(self.form["to"].value() or "")

    @property
    def on(self) -> list[tuple[str, str]]:
        """The groups that are on the port: id and name."""
        return [(one, self.form.names[one]) for one in self.form.has if one in self.form.names]


def opened(request: HttpRequest, tenant: Tenant, server: Server) -> PortGroupsForm:
    """Return the form as the server's page shows it: `?port=` chooses the port, `?tick=` what is ticked already.

    It is only drawn there; who may send it, its own address asks (`edit`).
    """
    visit = Visit(access.person(request), tenant, Role.READER)
    asked = {"thing": server, "port_id": request.GET.get("port", ""), "to": request.GET.get("to", "")}
    form = PortGroupsForm(visit, initial=asked)
    if "tick" not in request.GET:
        return form
    ticks = [*request.GET.getlist("tick"), _made(tenant, request.GET.get("op", ""))]
    data: dict[str, Any] = {"group_ids": [one for one in ticks if one in form.names]}
    data |= {name: form[name].value() for name in ("port_id", "seen", "to", "key")}
    return PortGroupsForm(visit, data, initial=asked)


def _made(tenant: Tenant, operation_id: str) -> str:
    """Return the group that an operation has made for this form; empty as long as it has not."""
    if not _OPERATION.fullmatch(operation_id):
        return ""
    made = {"operation": operation_id, "operation__tenant": tenant, "operation__action": "create-security-group"}
    targets = OperationTarget.objects.filter(**made, kind="securitygroup")
    return targets.values_list("external_id", flat=True).first() or ""


def sheet(tenant: Tenant, server: Server, form: PortGroupsForm) -> Sheet:
    """Return all of it, for what is ticked now."""
    port = form.port
    page = SERVERS.url_of(tenant.handle, server.external_id)
    before, after = form.rules_of(form.has), form.rules_of(form.ticked)
    lines, out = reach.compare(before, after), reach.compare(before, after, "egress")
    # Who is behind a group, or loses something, is in the ports of all servers.
    needed = any(line.source.group_id or line.verdict == "closes" for line in lines)
    peers = reach_panel.peers_of(tenant) if needed else []
    said = reach_panel.Words(form.ends, reach_panel.networks_of([*before, *after]), reach_panel.members_of(peers))
    floating = _FLOATING.first(tenant=tenant.pk, port=port.external_id) if port else None
    networks = dict(_NETWORKS.rows(tenant=tenant.pk, server=server.external_id))
    now, later = _who(form, before, said, floating), _who(form, after, said, floating)
    return Sheet(
        form=form,
        port=port,
        network=networks.get(port.network_id, "") if port else "",
        address=_address(port) if port else "",
        floating=floating.address if floating else "",
        tabs=[_tab(one, networks, page, one is port) for one in form.ports],
        wires=reach_panel.wires(lines, said, changed=form.changed),
        out=reach_panel.outgoing(out, said) if form.changed else [],
        opens=sum(line.verdict == "opens" for line in lines),
        closes=sum(line.verdict == "closes" for line in lines),
        anywhere=any(line.source.anywhere and line.verdict != "closes" for line in lines),
        notes=_notes(form, lines, reach_panel.losses(server, lines, before, after, peers)),
        risks=", ".join(
            of_spans(
                (line.protocol, line.low, line.high)
                for line in lines
                if line.source.anywhere and line.verdict == "opens"
            )
        ),
        now=now,
        later=later,
        commands=_commands(tenant, form),
        page=page,
        url=PAGE.url(tenant, server),
        errors=told(form.non_field_errors()) + told(form.errors.get("group_ids", form.error_class()))
        if form.is_bound and form.changed
        else [],
    )


def _address(port: Port) -> str:
    """Return what a port is called by: its first address, or else what the card says that it is."""
    return str(port.fixed_ips[0]["address"]) if port.fixed_ips else port.name or port.mac or port.external_id


def _tab(port: Port, networks: dict[str, str], page: str, on: bool) -> Tab:
    addresses = [ip["address"] for ip in port.fixed_ips]
    label = " ".join([networks.get(port.network_id, ""), *addresses]).strip() or port.external_id
    return Tab(label, f"{page}?{urlencode({'port': port.external_id})}#reach", on)


def _who(form: PortGroupsForm, rules: Sequence[Any], words: reach_panel.Words, floating: FloatingIP | None) -> str:
    """Who reaches the port that is asked for, by these rules; empty when none is asked for, or none that is a port."""
    asked = port_of(form)
    if asked is None:
        return ""
    outside = _("everyone on the internet") if floating else _("everyone on its networks")
    said = reach_panel.answer(reach.who(asked, rules), words, outside)
    return _("%(who)s, as far as is known here") % {"who": said} if form.foreign else said


def port_of(form: PortGroupsForm) -> int | None:
    """Return the port that is asked for, where it is one."""
    asked = str(form["to"].value() or "").strip()
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 and int(asked) <= _PORTS else None


def _notes(form: PortGroupsForm, lines: Sequence[Line], losses: Sequence[str]) -> list[str]:
    notes = list(losses)
    if form.changed and not form.ticked:
        notes.append(_("Without any group nothing gets in, and nothing gets out."))
    elif form.changed and all(line.verdict == "stays" for line in lines):
        notes.append(_("Who gets in does not change."))
    if form.foreign:
        notes.append(_("More may get in than is shown: a group of another project is on the port."))
    return notes


def _commands(tenant: Tenant, form: PortGroupsForm) -> list[CommandText]:
    if form.wanted is None or form.port is None:
        return []
    lines = [Command("port show", [("--column", "security_group_ids")], [form.port.external_id])]
    if form.changed:
        lines = commands_of(tenant, form.of(), form.wanted)
    return [CommandText("openstack", "openstack", shell_lines(tenant, lines))]


def words(about: About) -> Words:
    """Say what stands where the sheet is sent: the same sheet on a page of its own, when it is looked at or refused."""
    tenant, server, asked = about.tenant, about.thing, about.request.GET
    page = SERVERS.url_of(tenant.handle, server.external_id)
    return Words(
        title=_("Security groups of %(server)s") % {"server": server},
        text=_("Changes apply to the running server at once, no restart."),
        button=gettext_lazy("Change security groups"),
        template="compute/server_groups.html",
        context=lambda form: {
            "sheet": sheet(tenant, server, cast(PortGroupsForm, form)),
            "row": server,
            "may_change": True,
        },
        initial={"port_id": asked.get("port", ""), "to": asked.get("to", "")},
        after=lambda _visit, form: f"{page}?{urlencode(_kept(form))}#reach",
    )


def _kept(form: ActionForm) -> dict[str, str]:
    asked = {"port": str(form["port_id"].value() or ""), "to": str(form["to"].value() or "")}
    return {name: value for name, value in asked.items() if value}


def _to_new_group(about: About) -> str:
    """Lead to the form of a new group, where asked for.

    That comes back with everything ticked as it is now, and the new one too.
    """
    request, handle = about.request, about.tenant.handle
    if "create" not in request.POST or is_preview(request):
        return ""
    ticks = [("tick", one) for one in request.POST.getlist("group_ids") or ["-"]]
    query = urlencode([("port", request.POST.get("port_id", "")), *ticks])
    back = f"{SERVERS.url_of(handle, about.thing.external_id)}?{query}"
    return f"{reverse('create-security-group', kwargs={'handle': handle})}?{urlencode({'next': back})}"


PAGE = ActionPage(kind=SERVERS, path="groups/", form=PortGroupsForm, words=words, leaves=_to_new_group)
