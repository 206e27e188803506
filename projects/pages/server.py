"""The page of one server: facts, volumes, who reaches it. Its other tabs are in server_tabs.py."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.ui import formats
from portal.ui.listing import address
from projects import access
from projects.converters import Handle
from projects.models import (
    FloatingIP,
    KeyPair,
    Membership,
    Network,
    Port,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    Tenant,
)
from projects.pages import detail, rules, server_actions, server_volumes
from projects.pages.detail import Detail, Fact
from projects.pages.security_groups import members
from projects.pages.server_tabs import around
from projects.pages.servers import SERVERS


def context(request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Everything around a server that other services know."""
    ports = list(Port.objects.filter(tenant=tenant, device_id=server.external_id))
    networks = dict(
        Network.objects.filter(tenant=tenant, external_id__in={port.network_id for port in ports}).values_list(
            "external_id", "name"
        )
    )
    return {
        **around(tenant, server, "overview"),
        "facts": facts(tenant, server, key_pair_url(request, tenant, server)),
        "volumes": server_volumes.sheet(tenant, server),
        "reach": reach(request, tenant, server, ports, networks),
    }


def key_pair_url(request: HttpRequest, tenant: Tenant, server: Server) -> str:
    """The page of the key pair that it was made with, for its owner; empty for everybody else."""
    mine = access.own(access.person(request))
    pair = KeyPair.objects.filter(mine, tenant=tenant, user_id=server.user_id, external_id=server.key_name).first()
    return f"/{tenant.handle}/key-pairs/{quote(pair.external_id)}/" if pair else ""


def facts(tenant: Tenant, server: Server, key_pair: str) -> list[Fact]:
    """The row of facts under the name."""
    floating = tuple(one["address"] for one in server.addresses if one["type"] == "floating")
    fixed = tuple(one["address"] for one in server.addresses if one["type"] != "floating")
    image_url = f"/{tenant.handle}/images/{server.image_id}/" if server.image_id else ""
    found = [
        Fact(_("Flavor"), server.flavor_name or _("not stated"), soft=sizes(server)),
        Fact(_("Image"), server.image_name or server.image_id, url=image_url, missing=_("boots from a volume")),
        Fact(ngettext("Address", "Addresses", len(fixed)), chips=fixed, missing=_("none yet")),
    ]
    if floating:
        found.append(Fact(_("Floating IP"), chips=floating))
    found += [
        Fact(_("Key pair"), server.key_name, url=key_pair),
        created(tenant, server),
        Fact(_("Id"), chip=server.external_id),
    ]
    if server.zone:
        found.append(Fact(_("Zone"), server.zone))
    if server.locked:
        found.append(Fact(_("Lock"), _("locked"), soft=_("it can't be changed until it is unlocked")))
    if server.tags:
        found.append(Fact(_("Tags"), ", ".join(server.tags)))
    return found


def created(tenant: Tenant, server: Server) -> Fact:
    """When it was made, and by whom where that is a member of the tenant."""
    fact = detail.when(_("Created"), server.created_at)
    maker = Membership.objects.filter(tenant=tenant, cloud_user_id=server.user_id).exclude(cloud_user_id="")
    name = maker.values_list("user__username", flat=True).first()
    return replace(fact, soft=_("by %(name)s") % {"name": name}) if name and server.created_at else fact


def sizes(server: Server) -> str:
    """ "2 vCPU, 8 GB, 20 GB disk"."""
    said = f"{formats.number(server.vcpus)} vCPU, {formats.mebibytes(server.ram_mb)}"
    if server.disk_gb:
        said += _(", %(n)s GB disk") % {"n": formats.number(server.disk_gb)}
    return said


def reach(
    request: HttpRequest, tenant: Tenant, server: Server, ports: Sequence[Port], networks: dict[str, str]
) -> dict[str, Any] | None:
    """Who gets in through one port of the server, by the groups on that port. `?port=` chooses, `?to=` asks."""
    if not ports:
        return None
    # In the order in which the server names its addresses, so that its first address comes first.
    order = {one["address"]: i for i, one in enumerate(server.addresses)}
    ports = sorted(ports, key=lambda one: min((order.get(ip["address"], 99) for ip in one.fixed_ips), default=99))
    port = next((one for one in ports if one.external_id == request.GET.get("port")), ports[0])
    names = dict(SecurityGroup.objects.filter(tenant=tenant).values_list("external_id", "name"))
    applied = list(SecurityGroupRule.objects.filter(tenant=tenant, group_id__in=port.security_group_ids))
    fixed = [one["address"] for one in port.fixed_ips]
    outside = FloatingIP.objects.filter(tenant=tenant, port_id=port.external_id).first()
    by_group: dict[str, list[SecurityGroupRule]] = {}
    for rule in applied:
        by_group.setdefault(rule.group_id, []).append(rule)
    asked = request.GET.get("to", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 and int(asked) < 65536 else None
    return {
        "port": port,
        "address": fixed[0] if fixed else "",
        "floating": outside,
        "tabs": [
            {
                "label": " ".join([networks.get(one.network_id, ""), *(ip["address"] for ip in one.fixed_ips)]).strip(),
                "url": address(request, port=one.external_id),
                "on": one is port,
            }
            for one in ports
        ],
        "groups": [
            {"id": id_, "name": names.get(id_, id_), "lets_in": rules.summary(by_group.get(id_, []), names)}
            for id_ in port.security_group_ids
        ],
        "wires": rules.wires(applied, "ingress", names, members(tenant)),
        "open": any(rules.is_open(rule) for rule in applied),
        "asked": asked,
        "answer": rules.who_reaches(number, applied, names) if number is not None else None,
    }


SERVER = Detail(
    model=Server,
    listing=SERVERS,
    template="projects/server.html",
    command="server show",
    context=context,
    buttons=server_actions.buttons,
    more=server_actions.more,
)


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """One server."""
    return detail.show(request, handle, external_id, SERVER)
