"""The volumes on a server's page: those that it has, and those that it could get."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.changing import Action
from projects.models import Tenant
from projects.pages.acting import button_url
from projects.prepared import PreparedCount, PreparedRows
from services.block_storage.models import Volume
from services.block_storage.volumes import attaching, create_volume_page, storage
from services.compute.models import Server
from services.compute.servers.kind import SERVERS
from services.openstack.words import Service

_FREE = PreparedRows(Volume, lambda tenant: Volume.objects.filter(tenant=tenant, status="available"), tenant=-1)
_COUNT = PreparedCount(lambda tenant: Volume.objects.filter(tenant=tenant), tenant=-1)


def sheet(tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return what the sheet shows: rows, their sum in words, and what can be attached."""
    found = rows(tenant, server)
    size = sum(row["volume"].size_gb for row in found if row["volume"])
    words = {"n": formats.number(len(found)), "size": formats.number(size)}
    return {
        "rows": found,
        "hint": _("%(n)s attached, %(size)s GB") % words if found else "",
        "attach": attach(tenant, server),
    }


def rows(tenant: Tenant, server: Server) -> list[dict[str, Any]]:
    """Return the volumes that the server says it has, with what block storage knows of each."""
    ids = [one["id"] for one in server.volumes]
    known = {volume.external_id: volume for volume in Volume.objects.filter(tenant=tenant, external_id__in=ids)}
    fixed = next(iter(attaching.changeable(server)), None)
    found = []
    for one in server.volumes:
        volume = known.get(one["id"])
        device = one.get("device") or _device(volume, server)
        boots = bool(volume and volume.bootable and (device.endswith("da") or not server.image_id))
        may = volume is not None and volume.status == "in-use" and not boots and fixed is None
        found.append(
            {
                "id": one["id"],
                "volume": volume,
                "device": device,
                "boots": boots,
                "dies": one.get("delete_on_termination", False),
                "detach": detach(tenant, server, one["id"]) if may else None,
            }
        )
    return sorted(found, key=lambda row: str(row["device"]))


def detach(tenant: Tenant, server: Server, volume_id: str) -> Action:
    """Return the button that takes a volume away: at once, but a running server is warned of first."""
    if server.status == "ACTIVE":
        query = urlencode({"server_id": server.external_id, "from": "server"})
        where = {"handle": tenant.handle, "external_id": volume_id}
        return Action(_("Detach"), f"{reverse('detach-volume', kwargs=where)}?{query}", "unplug")
    back = SERVERS.url_of(tenant.handle, server.external_id)
    url = button_url(tenant, "detach-volume", back, volume_id=volume_id, server_id=server.external_id)
    return Action(_("Detach"), url, "unplug", post=True)


def attach(tenant: Tenant, server: Server) -> dict[str, Any]:
    """Return the volumes that are free for the server, where it posts, and why it can't get one now."""
    compute = storage.zones_of(tenant, Service.COMPUTE)
    near = [one for one in _FREE.all(tenant=tenant.pk) if attaching.near(one.zone, [server], compute)]
    against = next(iter(attaching.changeable(server)), None)
    words = {"n": formats.number(len(near)), "total": formats.number(_COUNT.of(tenant=tenant.pk))}
    if server.zone in compute and len(compute) > 1:
        said = _("%(n)s of %(total)s volumes are free in the same zone.") % words
    else:
        said = _("%(n)s of %(total)s volumes are free.") % words
    back = SERVERS.url_of(tenant.handle, server.external_id)
    return {
        "free": near,
        "said": said,
        "against": against.reason if against else "",
        "url": button_url(tenant, "attach-volume", back, server_id=server.external_id),
        "create_url": f"{create_volume_page.PAGE.url(tenant)}?{urlencode({'server_id': server.external_id})}",
    }


def _device(volume: Volume | None, server: Server) -> str:
    """Return the device by the volume's attachment: the server's own record may not name it."""
    attachments = volume.attachments if volume else []
    return next((one["device"] or "" for one in attachments if one["server_id"] == server.external_id), "")
