"""The buttons and menus of snapshots, from what a row itself says: they ask no database."""

from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from services.block_storage.models import Snapshot
from services.block_storage.snapshots import delete_snapshot_page, edit_snapshot_page, revert_volume_page
from services.block_storage.snapshots.revert_volume import new_volume_url
from services.block_storage.volumes.buttons import wait


def of_snapshot(tenant: Tenant, row: Snapshot) -> list[Action]:
    """Return everything that can be done with a snapshot."""
    return [new_volume(tenant, row), *others(tenant, row)]


def new_volume(tenant: Tenant, row: Snapshot) -> Action:
    """Offer a new volume from it."""
    url = new_volume_url(tenant, row)
    return Action(_("New volume from it"), url, "hard-drive", blocked="" if row.status == "available" else wait(row))


def others(tenant: Tenant, row: Snapshot) -> list[Action]:
    """Return what stands behind the dots of its page."""
    revert, why = revert_volume_page.PAGE.url(tenant, row), "" if row.status == "available" else wait(row)
    return [
        Action(_("Put its volume back to it"), revert, "undo-2", blocked=why),
        Action(_("Rename"), edit_snapshot_page.PAGE.url(tenant, row), "file-text"),
        Action(_("Delete"), delete_snapshot_page.PAGE.url(tenant, row), "trash-2", danger=True),
    ]
