"""What is wrong with a volume or snapshot: an error, or a passing state that does not pass.

It says since when, what a member can do about it, and whom to ask for the rest.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.changing import Action
from portal.ui.status import Role, status_of
from projects.kinds import page_of
from projects.models import Operation, Tenant
from projects.pages.acting import button_url
from services.block_storage.models import Snapshot, Volume
from services.block_storage.volumes import storage, stuck
from services.compute.models import Server

# What an error leaves, and what follows from it.
_ERRORS: dict[tuple[str, str], StrOrPromise] = {
    ("volume", "error"): gettext_lazy(
        "What was asked of it failed. A volume that was never ready holds nothing: delete it and make it anew."
    ),
    ("volume", "error_extending"): gettext_lazy(
        "It could not be made larger. Its data is there; until the operator resets it, it can only be deleted."
    ),
    ("volume", "error_restoring"): gettext_lazy(
        "The backup could not be written to it. What is on it can't be relied on."
    ),
    ("snapshot", "error"): gettext_lazy("It could not be taken, and can't be used. Delete it and take another."),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """The note above the page. `action` is the way out that a member has; without one, `text` says whom to ask."""

    role: Role
    title: str
    text: str
    action: Action | None = None
    request_id: str = ""


def trouble_of(tenant: Tenant, thing: Volume | Snapshot) -> Trouble | None:
    """Say what is wrong with it, if anything is."""
    kind = "volume" if isinstance(thing, Volume) else "snapshot"
    state = status_of(kind, thing.status)
    words = {
        "state": state.word,
        "time": formats.moment(thing.changed_at),
        "age": formats.age(thing.changed_at),
    }
    if state.role == "bad":
        title = _("%(state)s, since %(time)s.") % words
        said = str(_ERRORS.get((kind, thing.status), ""))
        deletable = storage.DELETABLE_VOLUME if kind == "volume" else storage.DELETABLE_SNAPSHOT
        action = _delete(tenant, thing, kind) if thing.status in deletable else None
    elif stuck.hangs(thing):
        title = _("%(state)s for %(age)s, since %(time)s.") % words
        said, action = _hanging(tenant, thing)
    else:
        return None
    if action is None:
        said = " ".join(filter(None, [said, storage.whom_to_ask(tenant)]))
    return Trouble("bad" if state.role == "bad" else "warn", title, said, action, last_request(tenant, kind, thing))


def _hanging(tenant: Tenant, thing: Volume | Snapshot) -> tuple[str, Action | None]:
    if isinstance(thing, Volume) and thing.status == "attaching":
        url = button_url(tenant, "release-volume", page_of(thing, tenant), volume_id=thing.external_id)
        said = _("No server has taken it on. Set it free, then attach it again.")
        return said, Action(_("Set free"), url, "unplug", post=True)
    if isinstance(thing, Volume) and thing.status == "detaching":
        ids = [one["server_id"] for one in thing.attachments]
        server = Server.objects.filter(tenant=tenant, external_id__in=ids).first()
        if server is not None:
            params = {"volume_id": thing.external_id, "server_id": server.external_id}
            url = button_url(tenant, "detach-again", page_of(thing, tenant), **params)
            said = _("%(server)s may hold on to it: unmount it there, then detach it again.") % {"server": server}
            return said, Action(_("Detach again"), url, "unplug", post=True)
        return _("Its server is not there any more."), None
    return _("That is longer than it should take, and only the location's operator can end it."), None


def _delete(tenant: Tenant, thing: Volume | Snapshot, kind: str) -> Action:
    url = reverse(f"delete-{kind}", kwargs={"handle": tenant.handle, "external_id": thing.external_id})
    return Action(_("Delete"), url, "trash-2", danger=True)


def last_request(tenant: Tenant, kind: str, thing: Volume | Snapshot) -> str:
    """Return the request id of the last operation on a thing, by which the cloud's operator finds it in the logs.

    Empty where nobody has done anything with it.
    """
    of_it = Operation.objects.filter(tenant=tenant, targets__kind=kind, targets__external_id=thing.external_id)
    return of_it.order_by("-asked_at").values_list("request_id", flat=True).first() or ""
