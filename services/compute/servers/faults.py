"""A server's state and fault in plain words: what it does, what happened, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.status import Status, status_of
from services.compute.models import Server

# What the compute service is doing to a server (its OS-EXT-STS:task_state), where the word is not plain enough.
DOING: dict[str, StrOrPromise] = {
    "powering-off": gettext_lazy("Stopping"),
    "powering-on": gettext_lazy("Starting"),
    "rebooting": gettext_lazy("Rebooting"),
    "reboot_started": gettext_lazy("Rebooting"),
    "rebooting_hard": gettext_lazy("Rebooting"),
    "scheduling": gettext_lazy("Building, looking for a host"),
    "networking": gettext_lazy("Building, setting up networks"),
    "block_device_mapping": gettext_lazy("Building, setting up volumes"),
    "spawning": gettext_lazy("Building, starting"),
    "deleting": gettext_lazy("Deleting"),
    "resize_prep": gettext_lazy("Resizing"),
    "resize_migrating": gettext_lazy("Resizing"),
    "resize_migrated": gettext_lazy("Resizing"),
    "resize_finish": gettext_lazy("Resizing"),
    "image_snapshot": gettext_lazy("Saving as image"),
    "image_pending_upload": gettext_lazy("Saving as image"),
    "image_uploading": gettext_lazy("Saving as image"),
    "attaching_volume": gettext_lazy("Attaching volume"),
}

# What the compute service's fault messages begin with or contain, in the order of asking. Short: for a badge.
KNOWN: Sequence[tuple[str, StrOrPromise, StrOrPromise]] = (
    (
        "no valid host",
        gettext_lazy("no host free"),
        gettext_lazy("No host in %(place)s had %(size)s free. A smaller flavor may fit, or try later."),
    ),
    (
        "exceeded maximum number of retries",
        gettext_lazy("no host could build it"),
        gettext_lazy("Several hosts in %(place)s tried to build it and failed. Try later, or ask the operator."),
    ),
    (
        "quota exceeded",
        gettext_lazy("limit reached"),
        gettext_lazy("A limit of the project was reached while it was built. Free some of it, then build it again."),
    ),
    (
        "image",
        gettext_lazy("its image could not be used"),
        gettext_lazy(
            "Its image could not be read or does not fit the flavor. Choose another image or a larger flavor."
        ),
    ),
    (
        "block device mapping",
        gettext_lazy("its volume could not be used"),
        gettext_lazy("Its boot volume could not be made or attached. See the state of its volumes."),
    ),
    (
        "network",
        gettext_lazy("its network could not be set up"),
        gettext_lazy("Its network could not be set up. See whether the network has addresses left."),
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`short` stands in a badge, `plain` in a note, `raw` is what the cloud itself said."""

    short: str
    plain: str
    raw: str


def state_of(server: Server) -> Status:
    """Return what a server is, or what is being done to it."""
    status = status_of("server", server.status)
    if not server.task_state or status.role == "bad":
        return status
    return Status("work", DOING.get(server.task_state) or capfirst(server.task_state.replace("_", " ")))


def explain(server: Server, place: str) -> Fault | None:
    """Return what is wrong with a server in error, else None. `place` is the location's name."""
    if status_of("server", server.status).role != "bad":
        return None
    raw = server.fault.strip()
    lower = raw.lower()
    size = _("%(ram)s of memory and %(n)s vCPU") % {
        "ram": formats.mebibytes(server.ram_mb),
        "n": formats.number(server.vcpus),
    }
    for mark, short, plain in KNOWN:
        if mark in lower:
            return Fault(str(short), str(plain) % {"place": place, "size": size}, raw)
    if not raw:
        return Fault(
            _("no reason given"), _("The cloud gives no reason. Ask the operator of %(place)s.") % {"place": place}, ""
        )
    return Fault(raw.partition("\n")[0][:60], raw.partition("\n")[0], raw)
