"""What refreshes saw change, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.changing import Action
from portal.ui.status import Role, status_of
from projects.models import Change
from projects.pages.sentences import Part

# Kinds as the changes name them (model names): the noun, the list's address, and the vocabulary of their states.
KINDS: dict[str, tuple[StrOrPromise, str, str]] = {
    "server": (gettext_lazy("Server"), "servers", "server"),
    "volume": (gettext_lazy("Volume"), "volumes", "volume"),
    "snapshot": (gettext_lazy("Snapshot"), "snapshots", "snapshot"),
    "securitygroup": (gettext_lazy("Security group"), "security-groups", ""),
    "securitygrouprule": (gettext_lazy("Rule"), "", ""),
    "network": (gettext_lazy("Network"), "networks", "network"),
    "subnet": (gettext_lazy("Subnet"), "", ""),
    "port": (gettext_lazy("Port"), "", "port"),
    "router": (gettext_lazy("Router"), "routers", "router"),
    "floatingip": (gettext_lazy("Floating IP"), "floating-ips", "floating_ip"),
    "image": (gettext_lazy("Image"), "images", "image"),
    "flavor": (gettext_lazy("Flavor"), "", ""),
    "container": (gettext_lazy("Container"), "containers", ""),
    "keypair": (gettext_lazy("Key pair"), "key-pairs", ""),
    "serviceuser": (gettext_lazy("Service user"), "", ""),
}
# What a server's new state means as something that happened.
HAPPENED: dict[str, StrOrPromise] = {
    "ACTIVE": gettext_lazy("is running"),
    "SHUTOFF": gettext_lazy("was stopped"),
    "PAUSED": gettext_lazy("was paused"),
    "SUSPENDED": gettext_lazy("was suspended"),
    "SHELVED": gettext_lazy("was shelved"),
    "SHELVED_OFFLOADED": gettext_lazy("was shelved"),
    "REBOOT": gettext_lazy("is rebooting"),
    "HARD_REBOOT": gettext_lazy("is rebooting"),
    "RESCUE": gettext_lazy("went into rescue mode"),
}


Fields = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline (components/timeline.html).

    An operation has an `id` and `parts`, its sentence, and its `url` opens in the drawer; `action` is Undo or Remedies.
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
    """A change as a sentence: "web-03 was stopped"."""
    noun, key, vocabulary = KINDS.get(change.kind, (change.kind, "", ""))
    name = change.name or change.external_id
    meta = _("outside Meshdeck · seen %(time)s") % {"time": formats.moment(change.seen_at)}
    if change.verb == Change.Verb.VANISHED:
        return Event("un", name, _("is gone (%(kind)s)") % {"kind": _lower(noun)}, meta)
    url = f"/{handle}/{key}/{quote(change.external_id)}/" if key else ""
    if "created_at" in change.fields:  # told by the cloud itself, before Meshdeck looked
        what = _("was created (%(kind)s)") % {"kind": _lower(noun)}
        return Event("un", name, what, formats.short_moment(change.seen_at), url=url)
    if change.verb == Change.Verb.APPEARED:
        return Event("un", name, _("is new (%(kind)s)") % {"kind": _lower(noun)}, meta, url=url)
    phrases = said(change.fields, vocabulary)
    bad = vocabulary != "" and _role(change.fields, vocabulary) == "bad"
    return Event("bad" if bad else "un", name, ", ".join(phrases), meta, url=url)


def _role(fields: Fields, vocabulary: str) -> str:
    return status_of(vocabulary, str(fields["status"][1])).role if "status" in fields else ""


def said(fields: Fields, vocabulary: str) -> list[str]:
    """What the changed fields mean, a phrase each. The fields are those that projects.refresh.changes tells."""
    return [phrase for name, (old, new) in fields.items() for phrase in _phrases(name, old, new, vocabulary)]


def _phrases(name: str, old: Any, new: Any, vocabulary: str) -> list[str]:
    match name:
        case "status":
            return [_state(str(old), str(new), vocabulary)]
        case "name":
            return [_("was called %(old)s before") % {"old": old or _("nothing")}]
        case "flavor_name":
            return [_("was resized to %(flavor)s") % {"flavor": new}]
        case "size_gb":
            return [_("grew from %(old)s to %(new)s GB") % {"old": old, "new": new}]
        case "volumes":
            come, gone = len(set(new) - set(old)), len(set(old) - set(new))
            told = [ngettext("got a volume", "got %(n)s volumes", come) % {"n": come}] if come else []
            return told + ([ngettext("lost a volume", "lost %(n)s volumes", gone) % {"n": gone}] if gone else [])
        case "security_groups":
            told = [_("is now in group %(name)s") % {"name": one} for one in new if one not in old]
            return told + [_("is no longer in group %(name)s") % {"name": one} for one in old if one not in new]
        case "rules":
            told = [_("has a new rule: %(rule)s") % {"rule": one} for one in new]
            return told + [_("lost a rule: %(rule)s") % {"rule": one} for one in old]
        case "attachments" | "server_id":
            return [_("was attached") if new else _("was detached")]
        case "fixed_address":
            return [_("leads to %(address)s") % {"address": new} if new else _("leads nowhere")]
    return [_("changed: %(field)s") % {"field": name.replace("_", " ")}]


def _state(old: str, new: str, vocabulary: str) -> str:
    """A new state as something that happened."""
    status = status_of(vocabulary, new) if vocabulary else None
    if status and status.role == "bad":
        return _("went into an error")
    if vocabulary == "server" and new == "ACTIVE" and old in ("SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED_OFFLOADED"):
        return _("was started")
    if vocabulary == "server" and new in HAPPENED:
        return str(HAPPENED[new])
    # A state that we do not know is told as the cloud wrote it.
    word = _lower(status.word) if status and str(status.word) != new else new
    return _("is now: %(state)s") % {"state": word}


def _lower(text: StrOrPromise) -> str:
    word = str(text)
    return word[:1].lower() + word[1:]
