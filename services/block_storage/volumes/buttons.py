"""The buttons and menus of volumes and snapshots, from what a row itself says: they ask no database.

What only other rows tell (snapshots in the way, another zone) the page behind the button says.
"""

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from services.block_storage.models import Snapshot, Volume

_ATTACHABLE, _STEADY = ("available",), ("available", "in-use")


def create_volume(tenant: Tenant) -> Action:
    """To the form of a new one."""
    return Action(_("Create volume"), f"/{tenant.handle}/volumes/create/", "plus")


def of_volume(tenant: Tenant, volume: Volume) -> list[Action]:
    """Everything that can be done with a volume, the most frequent first."""
    return [
        *attaching(tenant, volume),
        snapshot(tenant, volume),
        extend(tenant, volume),
        *others(tenant, volume),
    ]


def of_page(tenant: Tenant, volume: Volume) -> list[Action]:
    """The buttons of its page. Attaching and detaching stand beside what it is about, below."""
    return [extend(tenant, volume), snapshot(tenant, volume)]


def attaching(tenant: Tenant, volume: Volume) -> list[Action]:
    """Attach, or detach from each server that has it."""
    page = f"/{tenant.handle}/volumes/{volume.external_id}/"
    found = []
    if not volume.attachments or volume.multiattach:
        why = "" if volume.status in (*_ATTACHABLE, "in-use") else _wait(volume)
        found.append(Action(_("Attach"), f"{page}attach/", "plug", blocked=why))
    for one in volume.attachments:
        why = "" if volume.status == "in-use" else _wait(volume)
        url = f"{page}detach/?{urlencode({'server_id': one['server_id']})}"
        found.append(Action(_("Detach"), url, "unplug", blocked=why))
    return found[:2]


def snapshot(tenant: Tenant, volume: Volume) -> Action:
    """Take a snapshot."""
    why = "" if volume.status in _STEADY else _wait(volume)
    return Action(_("Take snapshot"), f"/{tenant.handle}/volumes/{volume.external_id}/snapshot/", "camera", blocked=why)


def extend(tenant: Tenant, volume: Volume) -> Action:
    """Make it larger."""
    why = "" if volume.status in _STEADY else _wait(volume)
    url = f"/{tenant.handle}/volumes/{volume.external_id}/extend/"
    return Action(_("Extend"), url, "arrow-up-right", blocked=why)


def others(tenant: Tenant, volume: Volume) -> list[Action]:
    """What stands behind the dots of its page."""
    page = f"/{tenant.handle}/volumes/{volume.external_id}/"
    steady = "" if volume.status in _STEADY else _wait(volume)
    copy = f"/{tenant.handle}/volumes/create/?{urlencode({'source_volume_id': volume.external_id})}"
    attached = _("It is attached. Detach it first.") if volume.attachments else ""
    return [
        Action(_("Copy"), copy, "copy", blocked=steady),
        Action(_("Rename"), f"{page}edit/", "file-text"),
        Action(_("Delete"), f"{page}delete/", "trash-2", danger=True, blocked=attached),
    ]


def of_snapshot(tenant: Tenant, row: Snapshot) -> list[Action]:
    """Everything that can be done with a snapshot."""
    return [new_volume(tenant, row), *other_of_snapshot(tenant, row)]


def new_volume(tenant: Tenant, row: Snapshot) -> Action:
    """A new volume from it."""
    url = f"/{tenant.handle}/volumes/create/?{urlencode({'snapshot_id': row.external_id})}"
    return Action(_("New volume from it"), url, "hard-drive", blocked="" if row.status == "available" else _wait(row))


def other_of_snapshot(tenant: Tenant, row: Snapshot) -> list[Action]:
    """What stands behind the dots of its page."""
    page = f"/{tenant.handle}/snapshots/{row.external_id}/"
    why = "" if row.status == "available" else _wait(row)
    return [
        Action(_("Put its volume back to it"), f"{page}revert/", "undo-2", blocked=why),
        Action(_("Rename"), f"{page}edit/", "file-text"),
        Action(_("Delete"), f"{page}delete/", "trash-2", danger=True),
    ]


def _wait(row: Volume | Snapshot) -> str:
    return _("It is in the state “%(state)s”.") % {"state": row.status}
