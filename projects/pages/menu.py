"""The menu of a tenant: groups, in which each kind of thing has its list, and pages that wings bring besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from portal.ui.shell import NavItem
from projects import platforms
from projects.access import Visit
from projects.kinds import KINDS, Kind
from projects.models import Tenant
from projects.registry import Registry


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the menu."""

    key: str
    title: StrOrPromise
    position: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that is no list of a kind. `key` is also the name of its address; `position` its place in the group.

    Without `inventory` it is for every tenant, also for one whose platform tells of no things.
    """

    key: str
    label: StrOrPromise
    icon: str
    group: str
    position: int = 0
    inventory: bool = True


GROUPS: Registry[Group] = Registry(Group, lambda group: group.key, order=lambda group: group.position)
ENTRIES: Registry[Entry] = Registry(Entry, lambda entry: entry.key, order=lambda entry: entry.position)


def has_inventory(tenant: Tenant) -> bool:
    """Tell whether the tenant has things: lists, an overview, operations."""
    return platforms.has_inventory(tenant.location)


def menu_of(tenant: Tenant) -> list[tuple[Group, Sequence[Kind | Entry]]]:
    """Return the groups of a tenant's menu that have something in them."""
    read = has_inventory(tenant)
    found: list[tuple[Group, Sequence[Kind | Entry]]] = []
    for group in GROUPS.values():
        kinds = [kind for kind in KINDS.values() if kind.group == group.key and read]
        entries = [entry for entry in ENTRIES.values() if entry.group == group.key and (read or not entry.inventory)]
        of_group: list[Kind | Entry] = sorted([*kinds, *entries], key=lambda one: one.position)
        if of_group:
            found.append((group, of_group))
    return found


def item(entry: Kind | Entry, tenant: Tenant, visit: Visit | None = None) -> NavItem:
    """Return a line of the menu; for a visit with how many things there are."""
    url = reverse(entry.key, kwargs={"handle": tenant.handle})
    if isinstance(entry, Entry):
        return NavItem(entry.key, entry.label, url, entry.icon)
    count: Any = None
    if visit is not None:
        # What belongs to persons is counted for each of them alone.
        count = visit.own if entry.personal else tenant.figures.get(entry.part, {}).get(entry.counts)
    return NavItem(entry.key, entry.names, url, entry.icon, count)


STANDARD = (
    Group("compute", _("Compute"), 10),
    Group("storage", _("Storage"), 20),
    Group("network", _("Network"), 30),
    Group("access", _("Access"), 40),
)
GROUPS.add(*STANDARD)
