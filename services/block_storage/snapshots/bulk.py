"""What can be done with several snapshots at once."""

from django.utils.translation import gettext_lazy, ngettext

from projects.pages.bulk import Bulk
from services.block_storage.volumes.bulk import sizes

BULKS = (
    Bulk(
        key="delete",
        action="delete-snapshot",
        label=gettext_lazy("Delete"),
        title=lambda n: ngettext("Delete %(n)d snapshot", "Delete %(n)d snapshots", n) % {"n": n},
        heading=gettext_lazy("These are lost: their volumes can't go back to them any more"),
        params=lambda snapshot: [{"snapshot_id": snapshot.external_id}],
        tells=sizes,
        final=True,
    ),
)
