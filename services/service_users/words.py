"""What a service user may, in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

READER = "reader"
OBJECTS = "object-store"
_LOOKS = {"GET", "HEAD"}
_WRITES = {"GET", "HEAD", "PUT", "POST", "DELETE"}


def rules_of(service: str, methods: Sequence[str]) -> list[dict[str, str]]:
    """Every request of these methods to a service, as access rules."""
    return [{"service": service, "method": method, "path": "/**"} for method in methods]


LOOK_AT_OBJECTS = rules_of(OBJECTS, sorted(_LOOKS))
CHANGE_OBJECTS = rules_of(OBJECTS, sorted(_WRITES))


def may(roles: Sequence[str], access_rules: Sequence[Mapping[str, Any]]) -> str:
    """ "everything a member may", "look, change nothing", "only read and write objects"."""
    if access_rules:
        return _narrowed(access_rules)
    names = [name for name in roles if name != READER]
    if not names:
        return _("look, change nothing") if roles else _("everything that your roles may")
    said = ngettext("everything a %(roles)s may", "everything %(roles)s may", len(names))
    return said % {"roles": _(" and ").join(names)}


def _narrowed(access_rules: Sequence[Mapping[str, Any]]) -> str:
    whole = all(rule["service"] == OBJECTS and rule["path"] == "/**" for rule in access_rules)
    methods = {rule["method"] for rule in access_rules}
    if whole and methods <= _LOOKS:
        return _("only read objects")
    if whole and methods <= _WRITES:
        return _("only read and write objects")
    said = ngettext("only %(n)d kind of request", "only %(n)d kinds of requests", len(access_rules))
    return said % {"n": len(access_rules)}
