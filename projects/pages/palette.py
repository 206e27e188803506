"""What can be done, as the palette offers it: a line for each way to a page that asks for an action.

Wings declare their ways; the test of the palette follows each of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action as Button
from projects import platforms
from projects.actions import ACTIONS
from projects.actions.base import Action
from projects.models import Location, Resource, Role, Tenant
from projects.operations import asking
from projects.registry import Registry
from projects.searching import by_name

# So many things of a kind are offered commands for, so many for a thing that was found, and so many in all.
_THINGS, _EACH, SHOWN = 3, 3, 8


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a page that asks for an action: in words ("Attach %(name)s to a server…"), by the name of its address.

    With a `model` it is about a thing of that kind that `fits`, whose id stands in the address, or in its `query`.
    Without an action it is for everyone who may see the page, and has an `icon` of its own. `platform` is the kind of
    location that has it; without one, those that have an inventory.
    """

    action: str
    label: StrOrPromise
    route: str
    model: type[Resource] | None = None
    fits: Callable[[Any], bool] = lambda _row: True
    platform: str = ""
    icon: str = ""
    fragment: str = ""
    query: str = ""

    @property
    def about(self) -> str:
        """What it is about, by the model's name."""
        return self.model._meta.model_name or "" if self.model else ""

    @property
    def of(self) -> Action[Any] | None:
        """The action, where it asks for one."""
        return ACTIONS[self.action] if self.action else None

    def is_at(self, location: Location) -> bool:
        """Tell whether locations of this kind have it."""
        return location.kind == self.platform if self.platform else platforms.has_inventory(location)

    def is_for(self, role: Role) -> bool:
        """Tell whether a person with this role in a tenant may."""
        return self.of is None or asking.may(role, self.of)

    def words(self) -> list[str]:
        """Return the words of its label, without the name."""
        return (str(self.label) % {"name": ""}).casefold().rstrip("…").split()

    def url(self, handle: str, row: Resource | None = None) -> str:
        """Return the address of its page, about this thing."""
        parts = {"handle": handle}
        if row is not None and not self.query:
            parts["external_id"] = row.external_id
        url = reverse(self.route, kwargs=parts)
        if row is not None and self.query:
            url += f"?{urlencode({self.query: row.external_id})}"
        return f"{url}#{self.fragment}" if self.fragment else url


@dataclass(frozen=True, slots=True)
class Offer:
    """A command as the palette shows it."""

    label: str
    icon: str
    url: str
    where: str


WAYS: Registry[Way] = Registry(Way, lambda way: f"{way.action} {way.route} {way.about}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person may do something: tenants and roles by the tenant's key, the one that they are in first."""

    tenants: Mapping[int, Tenant]
    roles: Mapping[int, Role]
    here: str = ""

    def may(self, tenant_id: int, way: Way) -> bool:
        """Whether the place is of its kind and the person's role there allows it."""
        return way.is_at(self.tenants[tenant_id].location) and way.is_for(self.roles[tenant_id])

    def current(self, way: Way) -> list[Tenant]:
        """Return the tenant that the person is in, or else those of its project; all, where they are in none.

        Of those that have this way.
        """
        all_ = [tenant for tenant in self.tenants.values() if way.is_at(tenant.location)]
        project = self.here.partition("@")[0]
        here = [tenant for tenant in all_ if tenant.handle == self.here]
        return here or [tenant for tenant in all_ if tenant.project.slug == project] or all_


def of_things(places: Places, rows: Iterable[Resource]) -> list[Offer]:
    """Return what can be done with things that were found, a few ways for each."""
    found: list[Offer] = []
    for row in rows:
        about = (one for one in WAYS.values() if one.model is type(row))
        fitting = (one for one in about if one.fits(row) and places.may(row.tenant_id, one))
        found += [offer_of(one, places.tenants[row.tenant_id], row) for one in fitting][:_EACH]
    return found


def by_words(places: Places, q: str) -> list[Offer]:
    """Commands by what was typed: words of the command, and the name of the thing: "attach web"."""
    typed = q.casefold().split()
    found: list[Offer] = []
    rows: dict[tuple[type[Resource], str], Sequence[Resource]] = {}
    for way in WAYS.values():
        words = way.words()
        name = " ".join(one for one in typed if not any(word.startswith(one) for word in words))
        if way.model is None and not name:
            found += [offer_of(way, one) for one in places.current(way) if places.may(one.pk, way)]
        elif way.model is not None and typed:
            key = way.model, name
            if key not in rows:
                rows[key] = _named(places.current(way), *key)
            fitting = (row for row in rows[key] if way.fits(row) and places.may(row.tenant_id, way))
            found += [offer_of(way, places.tenants[row.tenant_id], row) for row in fitting]
    return found[:SHOWN]


def without_a_thing(places: Places, q: str) -> list[Offer]:
    """Commands about nothing that is there yet, each typed word of which begins one of theirs: "cr vol", "passcode"."""
    typed = q.casefold().split()
    fitting = [
        one
        for one in WAYS.values()
        if one.model is None and all(any(word.startswith(part) for word in one.words()) for part in typed)
    ]
    return [
        offer_of(one, place) for one in fitting for place in places.current(one) if typed and places.may(place.pk, one)
    ][:_THINGS]


def _named(tenants: Sequence[Tenant], model: type[Resource], name: str) -> Sequence[Resource]:
    rows = model._default_manager.filter(tenant__in=[tenant.pk for tenant in tenants])
    return list((rows.filter(by_name(name)) if name else rows).order_by("name", "pk")[:_THINGS])


def creates(tenant: Tenant, role: Role) -> list[Button]:
    """Return what can be made in a tenant, for the menu of its overview."""
    ways = [one for one in WAYS.values() if one.model is None and one.is_at(tenant.location) and one.is_for(role)]
    offers = [offer_of(one, tenant) for one in ways]
    return [Button(one.label.rstrip("…"), one.url, one.icon) for one in offers]


def offer_of(way: Way, tenant: Tenant, row: Resource | None = None) -> Offer:
    """Return a way as it is offered, about this thing."""
    icon = way.of.icon if way.of else way.icon
    return Offer(str(way.label) % {"name": row or ""}, icon, way.url(tenant.handle, row), tenant.handle)
