"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.block_storage.models import Snapshot

WAYS = (
    Way("create-volume", _("Make a volume from %(name)s…"), "create-volume", Snapshot, query="snapshot_id"),
    Way("revert-volume", _("Put its volume back to %(name)s…"), "revert-volume", Snapshot),
    Way("delete-snapshot", _("Delete %(name)s…"), "delete-snapshot", Snapshot),
)
