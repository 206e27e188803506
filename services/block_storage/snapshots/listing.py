"""The list of volume snapshots."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.models import Tenant
from projects.pages.listing import Column, Empty, Listing, values_facet
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots import bulk, buttons
from services.block_storage.snapshots.kind import SNAPSHOTS


def beside(tenant: Tenant, snapshots: Sequence[Snapshot], _seen: datetime | None) -> dict[str, Any]:
    """Return the volume that each snapshot was made of, None when it is gone."""
    ids = {snapshot.volume_id for snapshot in snapshots}
    volumes = {volume.external_id: volume for volume in Volume.objects.filter(tenant=tenant, external_id__in=ids)}
    return {"rows": [(snapshot, volumes.get(snapshot.volume_id)) for snapshot in snapshots]}


LISTING = Listing(
    kind=SNAPSHOTS,
    template="block_storage/snapshots.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("volume", _("Of volume")),
        Column("size", _("Size"), "r", sort=("size_gb",)),
        Column("created", _("Age"), "r", sort=("created_at",)),
    ),
    facets=(values_facet(Snapshot, "status", _("Status"), kind="snapshot", option="--status"),),
    placeholder=_("Name, description or id"),
    command="volume snapshot list",
    empty=Empty(
        _("No snapshots yet"),
        _("A snapshot keeps a volume as it is now, to go back to or to make new volumes of."),
        Command("volume snapshot create", [("--volume", "data-01")], ["data-01-before-upgrade"]),
    ),
    csv={
        "id": lambda snapshot: snapshot.external_id,
        "name": lambda snapshot: snapshot.name,
        "status": lambda snapshot: snapshot.status,
        "volume_id": lambda snapshot: snapshot.volume_id,
        "size_gb": lambda snapshot: snapshot.size_gb,
        "created_at": lambda snapshot: snapshot.created_at and snapshot.created_at.isoformat(),
    },
    beside=beside,
    bulks=bulk.BULKS,
    menu=buttons.of_snapshot,
)
