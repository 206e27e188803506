"""The buttons and menus of volumes, from what a row itself says: they ask no database.

What only other rows tell (snapshots in the way, another zone) the page behind the button says.
"""

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots import create_snapshot_page
from services.block_storage.volumes import (
    attach_volume_page,
    create_volume_page,
    delete_volume_page,
    detach_volume_page,
    edit_volume_page,
    extend_volume_page,
)

_ATTACHABLE, _STEADY = ("available",), ("available", "in-use")


def create_volume(tenant: Tenant) -> Action:
    """Lead to the form of a new one."""
    return Action(_("Create volume"), create_volume_page.PAGE.url(tenant), "plus")


def of_volume(tenant: Tenant, volume: Volume) -> list[Action]:
    """Return everything that can be done with a volume, the most frequent first."""
    return [
        *attaching(tenant, volume),
        snapshot(tenant, volume),
        extend(tenant, volume),
        *others(tenant, volume),
    ]


def of_page(tenant: Tenant, volume: Volume) -> list[Action]:
    """Return the buttons of its page. Attaching and detaching stand beside what it is about, below."""
    return [extend(tenant, volume), snapshot(tenant, volume)]


def attaching(tenant: Tenant, volume: Volume) -> list[Action]:
    """Offer to attach it, or to detach it from each server that has it."""
    found = []
    if not volume.attachments or volume.multiattach:
        why = "" if volume.status in (*_ATTACHABLE, "in-use") else wait(volume)
        found.append(Action(_("Attach"), attach_volume_page.PAGE.url(tenant, volume), "plug", blocked=why))
    for one in volume.attachments:
        why = "" if volume.status == "in-use" else wait(volume)
        found.append(Action(_("Detach"), detach_url(tenant, volume, one["server_id"]), "unplug", blocked=why))
    return found[:2]


def detach_url(tenant: Tenant, volume: Volume, server_id: str) -> str:
    """Return the address of the page that detaches it from this server."""
    return f"{detach_volume_page.PAGE.url(tenant, volume)}?{urlencode({'server_id': server_id})}"


def snapshot(tenant: Tenant, volume: Volume) -> Action:
    """Offer to take a snapshot."""
    why = "" if volume.status in _STEADY else wait(volume)
    return Action(_("Take snapshot"), create_snapshot_page.PAGE.url(tenant, volume), "camera", blocked=why)


def extend(tenant: Tenant, volume: Volume) -> Action:
    """Offer to make it larger."""
    why = "" if volume.status in _STEADY else wait(volume)
    return Action(_("Extend"), extend_volume_page.PAGE.url(tenant, volume), "arrow-up-right", blocked=why)


def others(tenant: Tenant, volume: Volume) -> list[Action]:
    """Return what stands behind the dots of its page."""
    steady = "" if volume.status in _STEADY else wait(volume)
    copy = f"{create_volume_page.PAGE.url(tenant)}?{urlencode({'source_volume_id': volume.external_id})}"
    attached = _("It is attached. Detach it first.") if volume.attachments else ""
    delete = delete_volume_page.PAGE.url(tenant, volume)
    return [
        Action(_("Copy"), copy, "copy", blocked=steady),
        Action(_("Rename"), edit_volume_page.PAGE.url(tenant, volume), "file-text"),
        Action(_("Delete"), delete, "trash-2", danger=True, blocked=attached),
    ]


def wait(row: Volume | Snapshot) -> str:
    """Say that it is in a state in which this can't be done."""
    return _("It is in the state “%(state)s”.") % {"state": row.status}
