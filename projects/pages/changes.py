"""What refreshes saw change, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.changing import Action
from portal.ui.status import Role, status_of
from projects import kinds
from projects.kinds import Kind
from projects.models import Change
from projects.pages.operation_view import address
from projects.pages.sentences import Part

Fields = dict[str, list[Any]]

_ORIGINS = {
    Change.Origin.OUTSIDE: gettext_lazy("outside Meshdeck · seen %(time)s"),
    Change.Origin.RESULT: gettext_lazy("result of an operation · seen %(time)s"),
    Change.Origin.UNCLEAR: gettext_lazy("outside Meshdeck or result of an operation · seen %(time)s"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline (components/timeline.html).

    An operation has an `id` and `parts`, its sentence, and its `url` opens in the drawer; `action` is Undo or Remedies.
    Of a change, `action` leads to the operation that it results from.
    """

    role: Role
    name: str
    what: str
    meta: str
    bad: str = ""
    url: str = ""
    id: str = ""
    parts: Sequence[Part] = ()
    action: Action | None = None


def event_of(change: Change, handle: str) -> Event:
    """Return a change as a sentence: "web-03 was stopped"."""
    kind = kinds.named(change.kind)
    noun = _lower(kind.name) if kind else change.kind
    name = change.name or change.external_id
    meta = str(_ORIGINS[Change.Origin(change.origin)]) % {"time": formats.moment(change.seen_at)}
    cause = Action(_("Show operation"), address(handle, change.cause_id)) if change.cause_id else None
    if change.verb == Change.Verb.VANISHED:
        return Event("un", name, _("is gone (%(kind)s)") % {"kind": noun}, meta, action=cause)
    url = kind.url_of(handle, change.external_id) if kind else ""
    if "created_at" in change.fields:  # told by the cloud itself, before Meshdeck looked
        what = _("was created (%(kind)s)") % {"kind": noun}
        return Event("un", name, what, formats.short_moment(change.seen_at), url=url)
    if change.verb == Change.Verb.APPEARED:
        return Event("un", name, _("is new (%(kind)s)") % {"kind": noun}, meta, url=url, action=cause)
    bad = kind is not None and _role(change.fields, kind) == "bad"
    return Event("bad" if bad else "un", name, ", ".join(said(change.fields, kind)), meta, url=url, action=cause)


def _role(fields: Fields, kind: Kind) -> str:
    return status_of(kind.states, str(fields["status"][1])).role if kind.states and "status" in fields else ""


def said(fields: Fields, kind: Kind | None) -> list[str]:
    """Say what the changed fields mean, a phrase each. The fields are those that projects.refresh.changes tells."""
    return [phrase for name, (old, new) in fields.items() for phrase in _phrases(name, old, new, kind)]


def _phrases(name: str, old: Any, new: Any, kind: Kind | None) -> Sequence[str]:
    if kind and kind.news and name in kind.news.phrases:
        return kind.news.phrases[name](old, new)
    if name == "status":
        return [_state(str(old), str(new), kind)]
    if name == "name":
        return [_("was called %(old)s before") % {"old": old or _("nothing")}]
    return [_("changed: %(field)s") % {"field": name.replace("_", " ")}]


def _state(old: str, new: str, kind: Kind | None) -> str:
    """Say a new state as something that happened."""
    status = status_of(kind.states, new) if kind and kind.states else None
    if status and status.role == "bad":
        return _("went into an error")
    if kind and kind.news and (happened := str(kind.news.happened(old, new))):
        return happened
    # A state that we do not know is told as the cloud wrote it.
    word = _lower(status.word) if status and str(status.word) != new else new
    return _("is now: %(state)s") % {"state": word}


def _lower(text: StrOrPromise) -> str:
    word = str(text)
    return word[:1].lower() + word[1:]
