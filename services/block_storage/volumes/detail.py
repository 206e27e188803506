"""The page of one volume: facts, where it is attached, its snapshots."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action
from projects.kinds import page_of
from projects.models import Tenant
from projects.pages import detail
from projects.pages.acting import button_url
from projects.pages.detail import Detail, Fact
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots import revert_volume, revert_volume_page
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import attaching, buttons, storage, trouble
from services.block_storage.volumes.detach_volume import DetachVolume
from services.block_storage.volumes.forms import server_card
from services.block_storage.volumes.kind import VOLUMES
from services.block_storage.volumes.one_attachment import Params
from services.compute.models import Server
from services.images.kind import IMAGES
from services.openstack.words import Service


def context(_request: HttpRequest, tenant: Tenant, volume: Volume) -> dict[str, Any]:
    """Return the servers that have the volume, and the snapshots made of it."""
    volume.tenant = tenant
    return {
        "facts": facts(tenant, volume),
        "trouble": trouble.trouble_of(tenant, volume),
        "attachments": attachments(tenant, volume),
        "attach": attachable(tenant, volume),
        "snapshots": snapshots(tenant, volume),
        "metadata": sorted(volume.metadata.items()),
    }


def attachments(tenant: Tenant, volume: Volume) -> list[dict[str, Any]]:
    """Return where it is attached, each with the way to detach it."""
    ids = {one["server_id"] for one in volume.attachments}
    servers = {server.external_id: server for server in Server.objects.filter(tenant=tenant, external_id__in=ids)}
    page = page_of(volume, tenant)
    found = []
    for one in volume.attachments:
        server = servers.get(one["server_id"])
        may = (
            server is not None
            and volume.status == "in-use"
            and not any(DetachVolume().check(tenant, _pair(volume, one)))
        )
        url = buttons.detach_url(tenant, volume, one["server_id"])
        if server is not None and server.status != "ACTIVE":
            url = button_url(tenant, "detach-volume", page, volume_id=volume.external_id, server_id=one["server_id"])
        button = Action(_("Detach"), url, "unplug", post=server is not None and server.status != "ACTIVE")
        found.append(
            {"id": one["server_id"], "server": server, "device": one["device"], "detach": button if may else None}
        )
    return found


def attachable(tenant: Tenant, volume: Volume) -> dict[str, Any] | None:
    """Return the servers that a free volume can go to, and where the choice posts; None for one that is not free."""
    if volume.status != "available":
        return None
    servers = list(Server.objects.filter(tenant=tenant).only("external_id", "name", "status", "zone", "locked"))
    compute = storage.zones_of(tenant, Service.COMPUTE)
    near = attaching.near(volume.zone, servers, compute)
    words = {"n": formats.number(len(near)), "total": formats.number(len(servers)), "zone": volume.zone}
    return {
        "servers": [(one.external_id, server_card(one)) for one in near],
        "said": _("%(n)s of %(total)s servers are in zone %(zone)s.") % words if len(near) < len(servers) else "",
        "url": button_url(tenant, "attach-volume", page_of(volume, tenant), volume_id=volume.external_id),
    }


def snapshots(tenant: Tenant, volume: Volume) -> list[dict[str, Any]]:
    """Return its snapshots, the latest first: only to that one the volume can go back."""
    rows = list(Snapshot.objects.filter(tenant=tenant, volume_id=volume.external_id))
    rows.sort(key=revert_volume.made_at, reverse=True)
    for row in rows:
        row.tenant = tenant
    found: list[dict[str, Any]] = [{"row": row, "back": None} for row in rows]
    if rows:
        against = next(iter(revert_volume.revertable(volume, rows[0])), None)
        url = revert_volume_page.PAGE.url(tenant, rows[0])
        reason = against.reason if against else ""
        found[0]["back"] = Action(_("Go back to it"), url, "undo-2", blocked=reason)
    return found


def _pair(volume: Volume, attachment: Mapping[str, Any]) -> Params:
    return Params(volume_id=volume.external_id, server_id=attachment["server_id"])


def facts(tenant: Tenant, volume: Volume) -> list[Fact]:
    """Return the row of facts under the name."""
    found = [
        Fact(_("Size"), str(formats.gibibytes(volume.size_gb))),
        Fact(_("Type"), volume.volume_type, missing=_("not stated")),
        origin(tenant, volume),
        detail.yes_no(_("Boots servers"), volume.bootable),
        detail.yes_no(_("Encrypted"), volume.encrypted),
    ]
    if volume.multiattach:
        found.append(Fact(_("Sharing"), _("may be attached to several servers")))
    if volume.zone:
        found.append(Fact(_("Zone"), volume.zone))
    return [*found, detail.when(_("Created"), volume.created_at), Fact(_("Id"), chip=volume.external_id)]


def origin(tenant: Tenant, volume: Volume) -> Fact:
    """Return what the volume was made from."""
    label = _("Made from")
    if volume.image_id:
        return Fact(label, volume.image_name or volume.image_id, url=IMAGES.url_of_known(tenant, volume.image_id))
    if volume.snapshot_id:
        return Fact(label, _("a snapshot"), url=SNAPSHOTS.url_of_known(tenant, volume.snapshot_id))
    if volume.source_volume_id:
        return Fact(label, _("another volume"), url=VOLUMES.url_of_known(tenant, volume.source_volume_id))
    return Fact(label, missing=_("nothing, it began empty"))


DETAIL = Detail(
    kind=VOLUMES,
    template="block_storage/volume.html",
    command="volume show",
    context=context,
    buttons=buttons.of_page,
    more=buttons.others,
)
