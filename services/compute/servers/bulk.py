"""What can be done with several servers at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from portal.ui import formats
from portal.ui.status import status_of
from projects.models import Tenant
from projects.pages.bulk import Bulk
from services.block_storage.models import Volume
from services.compute.models import Server
from services.network.models import FloatingIP


def states(_tenant: Tenant, servers: Sequence[Server]) -> Mapping[str, str]:
    """Return what each is now."""
    return {server.external_id: str(status_of("server", server.status).word) for server in servers}


def lost(tenant: Tenant, servers: Sequence[Server]) -> Mapping[str, str]:
    """Return what goes with each, and what it leaves: "m1.small; volume data-01 is detached and kept"."""
    volumes = _volumes(tenant, servers)
    addresses: dict[str, list[str]] = {}
    ids = [server.external_id for server in servers]
    for server_id, address in FloatingIP.objects.filter(tenant=tenant, server_id__in=ids).values_list(
        "server_id", "address"
    ):
        addresses.setdefault(server_id, []).append(str(address))
    told = {}
    for server in servers:
        said = [server.flavor_name]
        dies = [volumes.get(one["id"], one["id"]) for one in server.volumes if one.get("delete_on_termination")]
        stays = [volumes.get(one["id"], one["id"]) for one in server.volumes if not one.get("delete_on_termination")]
        if dies:
            gone = ngettext("with its volume %(names)s", "with its volumes %(names)s", len(dies))
            said.append(gone % {"names": ", ".join(dies)})
        if stays:
            kept = ngettext("%(names)s is detached and kept", "%(names)s are detached and kept", len(stays))
            said.append(kept % {"names": ", ".join(stays)})
        if server.external_id in addresses:
            mine = addresses[server.external_id]
            stay = ngettext("%(names)s stays the project's", "%(names)s stay the project's", len(mine))
            said.append(stay % {"names": ", ".join(mine)})
        told[server.external_id] = "; ".join(one for one in said if one)
    return told


def _volumes(tenant: Tenant, servers: Sequence[Server]) -> dict[str, str]:
    ids = [one["id"] for server in servers for one in server.volumes]
    rows = Volume.objects.filter(tenant=tenant, external_id__in=ids)
    return {row.external_id: f"{row} ({formats.gibibytes(row.size_gb)})" for row in rows}


def _one(server: Server) -> list[dict[str, Any]]:
    return [{"server_id": server.external_id}]


OF_SERVERS = (
    Bulk(
        key="start",
        action="start-server",
        label=gettext_lazy("Start"),
        title=lambda n: ngettext("Start %(n)d server", "Start %(n)d servers", n) % {"n": n},
        heading=gettext_lazy("These are started"),
        params=_one,
        tells=states,
    ),
    Bulk(
        key="stop",
        action="stop-server",
        label=gettext_lazy("Stop"),
        title=lambda n: ngettext("Stop %(n)d server", "Stop %(n)d servers", n) % {"n": n},
        heading=gettext_lazy("These are shut down, and keep their disks, volumes and addresses"),
        params=_one,
        tells=states,
    ),
    Bulk(
        key="reboot",
        action="reboot-server",
        label=gettext_lazy("Reboot"),
        title=lambda n: ngettext("Reboot %(n)d server", "Reboot %(n)d servers", n) % {"n": n},
        heading=gettext_lazy("These are rebooted by their operating systems"),
        params=_one,
        tells=states,
    ),
    Bulk(
        key="delete",
        action="delete-server",
        label=gettext_lazy("Delete"),
        title=lambda n: ngettext("Delete %(n)d server", "Delete %(n)d servers", n) % {"n": n},
        heading=gettext_lazy("These are lost, with their own disks"),
        params=_one,
        tells=lost,
        final=True,
    ),
)
