"""Volumes and snapshots that hang in a passing state: since when, and what a member can do about it.

Cinder's policy lets a member take back "attaching" and "detaching"; to reset a state, or to delete or detach by force,
takes an administrator of the cloud (cinder.policies.volume_actions).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.status import status_of
from projects.outcomes import Refusal
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes import storage

# A passing state that has lasted so long is taken for one that won't pass by itself.
PATIENCE = timedelta(minutes=2)
# Copying data takes as long as it takes.
_SLOW = timedelta(minutes=30)
_COPYING = (
    "creating",
    "downloading",
    "uploading",
    "backing-up",
    "restoring-backup",
    "retyping",
    "reverting",
    "restoring",
)


def hangs(thing: Volume | Snapshot) -> bool:
    """Tell whether it has been in its passing state for longer than that should take, by what was last seen of it."""
    kind = "volume" if isinstance(thing, Volume) else "snapshot"
    if status_of(kind, thing.status).role != "work":
        return False
    return timezone.now() - thing.changed_at > (_SLOW if thing.status in _COPYING else PATIENCE)


def not_stuck(volume: Volume, status: str) -> Iterable[Refusal]:
    """Refusals for a volume that is not in this state, or not for long enough to meddle with it."""
    words = {"volume": str(volume), "state": volume.status, "status": status}
    if volume.status != status:
        said = _("%(volume)s is in the state “%(state)s”, and not “%(status)s”: there is nothing to take back.")
        yield Refusal("volume_id", said % words)
    elif not hangs(volume):
        said = _("It has been so for %(age)s only. Wait until %(n)d minutes have passed: it may end by itself.")
        minutes = int(PATIENCE.total_seconds() // 60)
        yield Refusal("volume_id", said % {"age": formats.age(volume.changed_at), "n": minutes})


def has_server(volume: Volume) -> Iterable[Refusal]:
    """Refuse a volume whose server no longer exists: only an administrator can detach it."""
    known = volume.tenant.servers.filter(external_id__in=[one["server_id"] for one in volume.attachments])
    if not known.exists():
        said = _("Its server is not there any more, so it can't be detached from it.")
        yield Refusal("volume_id", f"{said} {storage.whom_to_ask(volume.tenant)}")
