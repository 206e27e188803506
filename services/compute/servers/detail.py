"""The page of one server: facts, volumes, who reaches it. Its other tabs are in tabs.py."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import formats
from projects import access
from projects.models import Membership, Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from projects.prepared import Prepared
from services.block_storage.volumes.storage import zones_of
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.models import KeyPair, Server
from services.compute.servers import attached_volumes, buttons, connect_server_page, set_port_groups_page
from services.compute.servers.kind import SERVERS
from services.compute.servers.tabs import around
from services.images.kind import IMAGES
from services.openstack.words import Service


def context(request: HttpRequest, tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return everything around a server that other services know."""
    return {
        **around(tenant, server, "overview"),
        "facts": facts(tenant, server, key_pair_url(request, tenant, server)),
        "volumes": attached_volumes.sheet(tenant, server),
        "sheet": set_port_groups_page.sheet(tenant, server, set_port_groups_page.opened(request, tenant, server)),
    }


def key_pair_url(request: HttpRequest, tenant: Tenant, server: Server) -> str:
    """Return the page of the key pair that it was made with, for its owner; empty for everybody else."""
    of_server = {"tenant": tenant.pk, "owner": server.user_id, "name": server.key_name}
    mine = server.key_name and _KEY_PAIR.rows(**of_server, person=access.person(request).pk)
    return KEY_PAIRS.url_of(tenant.handle, server.key_name) if mine else ""


def _key_pair(tenant: int, owner: str, name: str, person: int) -> QuerySet[KeyPair, Any]:
    named = KeyPair.objects.filter(access.own(person), tenant=tenant, user_id=owner, external_id=name)
    return named.values_list("external_id")


def _maker(tenant: int, owner: str) -> QuerySet[Membership, Any]:
    found = Membership.objects.filter(tenant=tenant, cloud_user_id=owner).exclude(cloud_user_id="")
    return found.order_by("pk").values_list("user__username")[:1]


_KEY_PAIR = Prepared(_key_pair, tenant=-1, owner="owner", name="name", person=-2)
_MAKER = Prepared(_maker, tenant=-1, owner="owner")


def facts(tenant: Tenant, server: Server, key_pair: str) -> list[Fact]:
    """Return the row of facts under the name."""
    fixed = tuple(one["address"] for one in server.addresses if one["type"] != "floating")
    image_url = IMAGES.url_of_known(tenant, server.image_id)
    found = [
        Fact(_("Flavor"), server.flavor_name or _("not stated"), soft=sizes(server)),
        Fact(_("Image"), server.image_name or server.image_id, url=image_url, missing=_("boots from a volume")),
        Fact(ngettext("Address", "Addresses", len(fixed)), chips=fixed, missing=_("none yet")),
    ]
    found += [
        floating(tenant, server),
        Fact(_("Key pair"), server.key_name, url=key_pair),
        created(tenant, server),
        Fact(_("Id"), chip=server.external_id),
    ]
    if server.zone and len(zones_of(tenant, Service.COMPUTE)) > 1:
        found.append(Fact(_("Zone"), server.zone))
    if server.locked:
        found.append(Fact(_("Lock"), _("locked"), soft=_("it can't be changed until it is unlocked")))
    if server.tags:
        found.append(Fact(_("Tags"), ", ".join(server.tags)))
    return found


def floating(tenant: Tenant, server: Server) -> Fact:
    """Show a server's floating IPs beside its other facts; without any, the way to the page that connects it."""
    addresses = tuple(one["address"] for one in server.addresses if one["type"] == "floating")
    if addresses:
        return Fact(_("Floating IP"), chips=addresses)
    url = connect_server_page.PAGE.url(tenant, server)
    return Fact(_("Floating IP"), _("Connect to the internet"), url=url, missing=_("none"), offers=True)


def created(tenant: Tenant, server: Server) -> Fact:
    """Say when it was made, and by whom where that is a member of the tenant."""
    fact = detail.when(_("Created"), server.created_at)
    name = next((name for (name,) in _MAKER.rows(tenant=tenant.pk, owner=server.user_id)), "")
    return replace(fact, soft=_("by %(name)s") % {"name": name}) if name and server.created_at else fact


def sizes(server: Server) -> str:
    """Say "2 vCPU, 8 GB, 20 GB disk"."""
    said = f"{formats.number(server.vcpus)} vCPU, {formats.mebibytes(server.ram_mb)}"
    if server.disk_gb:
        said += _(", %(n)s GB disk") % {"n": formats.number(server.disk_gb)}
    return said


DETAIL = Detail(
    kind=SERVERS,
    template="compute/server.html",
    command="server show",
    context=context,
    buttons=buttons.head,
    more=buttons.more,
)
