"""The list of volumes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.block_storage.models import Volume
from services.block_storage.volumes import bulk as volume_bulk
from services.block_storage.volumes import buttons as volume_actions
from services.block_storage.volumes.kind import VOLUMES
from services.compute.models import Server


def beside(tenant: Tenant, volumes: Sequence[Volume], _seen: datetime | None) -> dict[str, Any]:
    """The names of the servers that these volumes are attached to, on each volume as `servers`."""
    ids = {one["server_id"] for volume in volumes for one in volume.attachments}
    names = dict(Server.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name"))
    attached = {
        volume.pk: [
            {"id": one["server_id"], "name": names.get(one["server_id"], ""), "device": one["device"]}
            for one in volume.attachments
        ]
        for volume in volumes
    }
    return {"rows": [(volume, attached[volume.pk]) for volume in volumes]}


LISTING = Listing(
    kind=VOLUMES,
    template="projects/volumes.html",
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
        "volume create --size 10 data-01",
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
    create=volume_actions.create_volume,
    bulks=volume_bulk.OF_VOLUMES,
    menu=volume_actions.of_volume,
)
