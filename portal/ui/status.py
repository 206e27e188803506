"""What a state of the cloud means to a person: role (colour and shape) and word, in one place.

Words follow the design language: shape, colour and word say the same thing. A state that is not listed here is shown as
the cloud wrote it, with the dashed circle, so that a newer cloud is never misread.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

Role: TypeAlias = Literal["ok", "work", "off", "warn", "bad", "un"]


@dataclass(frozen=True, slots=True)
class Status:
    """How one state is shown: `role` picks colour and shape, `word` is read."""

    role: Role
    word: StrOrPromise


_ERROR = Status("bad", _("Error"))
_DELETING = Status("work", _("Deleting"))

# States as the APIs name them: compute `server.status`, block storage `volume.status`, network `status` and so on.
VOCABULARY: dict[str, dict[str, Status]] = {
    "server": {
        "ACTIVE": Status("ok", _("Running")),
        "BUILD": Status("work", _("Building")),
        "REBUILD": Status("work", _("Rebuilding")),
        "REBOOT": Status("work", _("Rebooting")),
        "HARD_REBOOT": Status("work", _("Rebooting")),
        "PASSWORD": Status("work", _("Setting password")),
        "RESIZE": Status("work", _("Resizing")),
        "VERIFY_RESIZE": Status("warn", _("Waiting for you to confirm the resize")),
        "REVERT_RESIZE": Status("work", _("Reverting the resize")),
        "MIGRATING": Status("work", _("Migrating")),
        "SHUTOFF": Status("off", _("Stopped")),
        "PAUSED": Status("off", _("Paused")),
        "SUSPENDED": Status("off", _("Suspended")),
        "SHELVED": Status("off", _("Shelved")),
        "SHELVED_OFFLOADED": Status("off", _("Shelved")),
        "RESCUE": Status("warn", _("In rescue mode")),
        "SOFT_DELETED": Status("off", _("Deleted, can be restored")),
        "DELETED": Status("off", _("Deleted")),
        "ERROR": _ERROR,
        "UNKNOWN": Status("un", _("Unknown")),
    },
    "volume": {
        "available": Status("off", _("Available")),
        "in-use": Status("ok", _("In use")),
        "reserved": Status("work", _("Reserved")),
        "creating": Status("work", _("Creating")),
        "downloading": Status("work", _("Copying the image")),
        "uploading": Status("work", _("Saving as image")),
        "attaching": Status("work", _("Attaching")),
        "detaching": Status("work", _("Detaching")),
        "extending": Status("work", _("Extending")),
        "retyping": Status("work", _("Changing type")),
        "reverting": Status("work", _("Reverting to a snapshot")),
        "backing-up": Status("work", _("Backing up")),
        "restoring-backup": Status("work", _("Restoring")),
        "awaiting-transfer": Status("warn", _("Awaiting transfer")),
        "maintenance": Status("warn", _("In maintenance")),
        "deleting": _DELETING,
        "managing": Status("work", _("Being imported")),
        "unmanaging": Status("work", _("Being released")),
        "error": _ERROR,
        "error_deleting": Status("bad", _("Error: could not be deleted")),
        "error_extending": Status("bad", _("Error: could not be extended")),
        "error_backing-up": Status("bad", _("Error: could not be backed up")),
        "error_restoring": Status("bad", _("Error: could not be restored")),
        "error_managing": _ERROR,
    },
    "snapshot": {
        "available": Status("ok", _("Ready")),
        "creating": Status("work", _("Creating")),
        "backing-up": Status("work", _("Backing up")),
        "restoring": Status("work", _("Restoring")),
        "unmanaging": Status("work", _("Being released")),
        "deleting": _DELETING,
        "deleted": Status("off", _("Deleted")),
        "error": _ERROR,
        "error_deleting": Status("bad", _("Error: could not be deleted")),
    },
    "image": {
        "active": Status("ok", _("Ready")),
        "queued": Status("work", _("Waiting for data")),
        "saving": Status("work", _("Saving")),
        "uploading": Status("work", _("Uploading")),
        "importing": Status("work", _("Importing")),
        "deactivated": Status("off", _("Deactivated by the operator")),
        "pending_delete": _DELETING,
        "killed": Status("bad", _("Error: the upload failed")),
        "deleted": Status("off", _("Deleted")),
    },
    "network": {
        "ACTIVE": Status("ok", _("Ready")),
        "BUILD": Status("work", _("Building")),
        "DOWN": Status("off", _("Down")),
        "ERROR": _ERROR,
    },
    "port": {
        "ACTIVE": Status("ok", _("In use")),
        "BUILD": Status("work", _("Building")),
        "DOWN": Status("off", _("Not connected")),
        "N/A": Status("un", _("Unknown")),
        "ERROR": _ERROR,
    },
    "router": {
        "ACTIVE": Status("ok", _("Ready")),
        "BUILD": Status("work", _("Building")),
        "ALLOCATING": Status("work", _("Building")),
        "DOWN": Status("off", _("Down")),
        "ERROR": _ERROR,
    },
    "floating_ip": {
        "ACTIVE": Status("ok", _("In use")),
        "DOWN": Status("off", _("Not associated")),
        "ERROR": _ERROR,
    },
    # A change that somebody requested.
    "operation": {
        "queued": Status("work", _("Queued")),
        "running": Status("work", _("Running")),
        "done": Status("ok", _("Done")),
        "failed": Status("bad", _("Failed")),
        "cancelled": Status("off", _("Cancelled")),
    },
    # Health of a location, as the portal determined it.
    "location": {
        "ok": Status("ok", _("Answering")),
        "slow": Status("warn", _("Slow")),
        "degraded": Status("warn", _("Degraded")),
        "down": Status("warn", _("Not answering")),
        "refused": Status("bad", _("Access denied")),
        "unknown": Status("un", _("Not checked yet")),
    },
    # One service of a location.
    "service": {
        "ok": Status("ok", _("answers")),
        "down": Status("bad", _("no answer")),
        "absent": Status("off", _("not offered")),
        "unknown": Status("un", _("not checked yet")),
    },
}


def status_of(kind: str, state: str) -> Status:
    """Return the status of a `kind` ("server", "volume" …) in the cloud's `state`; unknown states keep their word."""
    known = VOCABULARY[kind].get(state)
    if known:
        return known
    return Status("un", state or _("Unknown"))
