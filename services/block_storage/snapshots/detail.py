"""The page of one volume snapshot."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from projects.kinds import page_of
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots import buttons
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import trouble


def context(_request: HttpRequest, tenant: Tenant, snapshot: Snapshot) -> dict[str, Any]:
    """Return the volume it was made of, and the volumes made from it."""
    volume = Volume.objects.filter(tenant=tenant, external_id=snapshot.volume_id).first()
    if volume:
        of = Fact(_("Of volume"), str(volume), url=page_of(volume, tenant))
    else:
        of = Fact(_("Of volume"), missing=_("deleted since"))
    return {
        "facts": [
            of,
            Fact(_("Size"), str(formats.gibibytes(snapshot.size_gb))),
            detail.when(_("Created"), snapshot.created_at),
            Fact(_("Id"), chip=snapshot.external_id),
        ],
        "trouble": trouble.trouble_of(tenant, snapshot),
        "volumes": list(Volume.objects.filter(tenant=tenant, snapshot_id=snapshot.external_id)),
    }


DETAIL = Detail(
    kind=SNAPSHOTS,
    template="block_storage/snapshot.html",
    command="volume snapshot show",
    context=context,
    buttons=lambda tenant, row: [buttons.new_volume(tenant, row)],
    more=buttons.others,
)
