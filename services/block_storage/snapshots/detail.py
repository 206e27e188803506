"""The page of one volume snapshot."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import buttons as volume_actions
from services.block_storage.volumes import trouble as hanging


def context(_request: HttpRequest, tenant: Tenant, snapshot: Snapshot) -> dict[str, Any]:
    """The volume it was made of, and the volumes made from it."""
    here = f"/{tenant.handle}/volumes/"
    volume = Volume.objects.filter(tenant=tenant, external_id=snapshot.volume_id).first()
    if volume:
        of = Fact(_("Of volume"), str(volume), url=f"{here}{volume.external_id}/")
    else:
        of = Fact(_("Of volume"), missing=_("deleted since"))
    return {
        "facts": [
            of,
            Fact(_("Size"), str(formats.gibibytes(snapshot.size_gb))),
            detail.when(_("Created"), snapshot.created_at),
            Fact(_("Id"), chip=snapshot.external_id),
        ],
        "trouble": hanging.trouble_of(tenant, snapshot),
        "volumes": list(Volume.objects.filter(tenant=tenant, snapshot_id=snapshot.external_id)),
    }


DETAIL = Detail(
    kind=SNAPSHOTS,
    template="projects/snapshot.html",
    command="volume snapshot show",
    context=context,
    buttons=lambda tenant, row: [volume_actions.new_volume(tenant, row)],
    more=volume_actions.other_of_snapshot,
)
