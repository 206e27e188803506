"""The list of volumes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.ui import formats, row_actions
from portal.ui.commands import Command
from portal.ui.status import status_of
from portal.ui.templatetags.meshdeck import status
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.block_storage.models import Volume
from services.block_storage.volumes import bulk, buttons
from services.block_storage.volumes.kind import VOLUMES
from services.compute.models import Server


def beside(tenant: Tenant, volumes: Sequence[Volume], _seen: datetime | None) -> dict[str, Any]:
    """Return the names of the servers that these volumes are attached to, by their ids."""
    ids = {one["server_id"] for volume in volumes for one in volume.attachments}
    return {
        "servers": dict(Server.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name"))
    }


# A row's markup stands here and not in the template, as that of servers does.
ROW = (
    '<tr class="pf-v6-c-table__tr" role="row" id="v{key}">{pick}'
    '<th scope="row" class="pf-v6-c-table__th a" role="rowheader"><a class="name" href="{id}/">{name}</a></th>'
    '<td class="pf-v6-c-table__td b" role="cell">{status}</td>'
    '<td class="pf-v6-c-table__td d" role="cell">{attached}</td>'
    '<td class="pf-v6-c-table__td r" role="cell">{size}</td>'
    '<td class="pf-v6-c-table__td" role="cell">{type}</td>'
    '<td class="pf-v6-c-table__td lo" role="cell">{zone}</td>'
    '<td class="pf-v6-c-table__td r soft" role="cell">{age}</td>{menu}</tr>\n'
)
READS = (
    "external_id", "name", "status", "size_gb", "volume_type", "bootable", "encrypted", "zone", "attachments",
    "created_at",
)  # fmt: skip


def draw(context: Mapping[str, Any]) -> str:
    """Draw the rows of one page, everything that a cloud said escaped."""
    now, seen, servers = timezone.now(), context["seen"], context["servers"]
    rows = [
        ROW.format(
            key=volume.pk,
            id=escape(volume.external_id),
            name=escape(str(volume)),
            status=status("volume", volume.status, seen=seen),
            attached=", ".join(_attached(one, servers) for one in volume.attachments) or _nothing(),
            size=formats.gibibytes(volume.size_gb),
            type=_type(volume.volume_type, volume.bootable, volume.encrypted, get_language()),
            zone=escape(volume.zone),
            age=formats.age(volume.created_at, now) if volume.created_at else "",
            pick=_pick(volume) if context["bulk"] else "",
            menu=row_actions.menu_cell(volume.external_id, str(volume)) if context["has_menu"] else "",
        )
        for volume in context["page"].object_list
    ]
    return mark_safe("".join(rows))  # noqa: S308 - escaped above


def _pick(volume: Volume) -> str:
    word = str(status_of("volume", volume.status).word)
    return row_actions.pick_cell(volume.external_id, str(volume), word[:1].lower() + word[1:])


def _attached(one: Mapping[str, Any], servers: Mapping[str, str]) -> str:
    """Return a server that has the volume, and the device it is there."""
    id_, device = one["server_id"], one["device"]
    link = f'<a href="../servers/{escape(id_)}/">{escape(servers.get(id_) or id_)}</a>'
    return f'{link} <span class="mono dim">{escape(device)}</span>' if device else link


def _nothing() -> str:
    return f'<span class="dim">{escape(_now("nothing"))}</span>'


@lru_cache(maxsize=256)
def _type(name: str, bootable: bool, encrypted: bool, _language: str | None) -> str:
    tags = [word for word, holds in ((_now("bootable"), bootable), (_now("encrypted"), encrypted)) if holds]
    return " ".join([escape(name), *(f'<span class="md-tag">{escape(tag)}</span>' for tag in tags)])


LISTING = Listing(
    kind=VOLUMES,
    template="block_storage/volumes.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("attached", _("Attached to")),
        Column("size", _("Size"), "r", sort=("size_gb",)),
        Column("type", _("Type"), sort=("volume_type",)),
        Column("zone", _("Zone"), "lo", sort=("zone",)),
        Column("created", _("Age"), "r", sort=("created_at",)),
    ),
    facets=(
        values_facet(Volume, "status", _("Status"), kind="volume", option="--status"),
        values_facet(Volume, "volume_type", _("Type"), key="type"),
        values_facet(Volume, "zone", _("Zone")),
        flags_facet(
            Volume,
            "is",
            _("Kind"),
            {
                "bootable": (_("bootable"), Q(bootable=True)),
                "encrypted": (_("encrypted"), Q(encrypted=True)),
                "shared": (_("for several servers"), Q(multiattach=True)),
            },
        ),
    ),
    placeholder=_("Name, description, id or image"),
    command="volume list",
    empty=Empty(
        _("No volumes yet"),
        _("A volume is a disk that outlives a server and moves from one to another."),
        Command("volume create", [("--size", "10")], ["data-01"]),
    ),
    csv={
        "id": lambda volume: volume.external_id,
        "name": lambda volume: volume.name,
        "status": lambda volume: volume.status,
        "size_gb": lambda volume: volume.size_gb,
        "type": lambda volume: volume.volume_type,
        "bootable": lambda volume: volume.bootable,
        "encrypted": lambda volume: volume.encrypted,
        "attached_to": lambda volume: " ".join(one["server_id"] for one in volume.attachments),
        "zone": lambda volume: volume.zone,
        "created_at": lambda volume: volume.created_at and volume.created_at.isoformat(),
    },
    beside=beside,
    draw=draw,
    reads=READS,
    create=buttons.create_volume,
    bulks=bulk.BULKS,
    menu=buttons.of_volume,
)
