"""The states of a server in words."""

from django.utils.translation import gettext, gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

# What a server's new state means as something that happened.
_HAPPENED: dict[str, StrOrPromise] = {
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


def happened(old: str, new: str) -> StrOrPromise:
    """Return a new state as something that happened; empty where its word says enough."""
    if new == "ACTIVE" and old in ("SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED_OFFLOADED"):
        return gettext("was started")
    return _HAPPENED.get(new, "")


def resized(_old: str, new: str) -> list[str]:
    """Say which flavor a server has now."""
    return [gettext("was resized to %(flavor)s") % {"flavor": new}]


def volumes_changed(old: list[str], new: list[str]) -> list[str]:
    """Say how many volumes a server got and lost."""
    come, gone = len(set(new) - set(old)), len(set(old) - set(new))
    told = [ngettext("got a volume", "got %(n)s volumes", come) % {"n": come}] if come else []
    return told + ([ngettext("lost a volume", "lost %(n)s volumes", gone) % {"n": gone}] if gone else [])


def groups_changed(old: list[str], new: list[str]) -> list[str]:
    """Say which security groups a server is in now, and in which no longer."""
    told = [gettext("is now in group %(name)s") % {"name": one} for one in new if one not in old]
    return told + [gettext("is no longer in group %(name)s") % {"name": one} for one in old if one not in new]
