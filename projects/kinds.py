"""Kinds of things: one declaration feeds lists, pages, menu, palette, search, API, CSV, links, figures and news.

A wing declares each kind of thing that it has in a `kind.py` of its own; a `Listing` and a `Detail` beside it make its
list and its page (projects.pages). Nothing else has to know of a new kind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django_stubs_ext import StrOrPromise
from pydantic import BaseModel

from projects.models import Resource, Tenant
from projects.registry import Registry
from projects.searching import by_name

Values = Mapping[str, Any]


def as_is(value: Any) -> Any:
    """Tell a field's value as it is."""
    return value


def ids(key: str) -> Callable[[Any], list[str]]:
    """Tell a list of records by what each has under `key`."""
    return lambda many: sorted({str(one[key]) for one in many})


@dataclass(frozen=True, slots=True)
class News:
    """What changes of a kind are worth telling a person: these fields, each as a person reads it.

    `phrases` say what a field's old and new value mean, where the ground has no words for it. `name` is the field that
    people call it by. Fields in `follows` change along with another one, as a volume's status with its attachments
    (refresh/attribution.py). Rows that are not `ours` are no news; `made_by_cloud` tells those that nobody made, which
    are no news when a tenant is read for the first time.
    """

    fields: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    phrases: Mapping[str, Callable[[Any, Any], Sequence[str]]] = field(default_factory=dict)
    name: str = "name"
    follows: frozenset[str] = frozenset()
    ours: Callable[[Values], bool] = lambda _row: True
    made_by_cloud: Callable[[str], bool] = lambda _name: False
    # A state as something that happened, where its word is not enough: ("SHUTOFF", "ACTIVE") -> "was started".
    happened: Callable[[str, str], StrOrPromise] = lambda _old, _new: ""


def _nothing(_tenant: Tenant, _rows: Sequence[Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing in a tenant."""

    model: type[Resource]
    # Its place in addresses, the name of its list's address, and its name in the API: "floating-ips".
    key: str
    # A word for one of it, in the API: "floating IP". The page of one is called so in addresses: "floating-ip".
    one: str
    # The same in the person's language, and for several: "Floating IP", "Floating IPs"; `noun` is for sentences.
    name: StrOrPromise
    names: StrOrPromise
    noun: StrOrPromise = ""
    # The service that tells of it: one of its platform's.
    service: str
    icon: str = ""
    # Its states' vocabulary (portal.ui.status), where it has states, and those that pass by themselves.
    states: str = ""
    # The menu's group, and its place in it; without a group it is in no menu.
    group: str = ""
    position: int = 0
    # Rows belong to persons: each sees their own (access.own).
    personal: bool = False

    # What a search word fits; what the palette says beside a hit, and what it calls it.
    search: Callable[[str], Q] = by_name
    found: bool = True
    hint: Callable[[Any], str] = lambda _row: ""
    label: Callable[[Any], str] = str

    # How the API gives one of it; `beside` reads what the rows of a page need besides themselves, `more` the additional
    # fields of one row from it. `in_api` False: it has no list there; `has_page` False: nothing has an address.
    shape: type[BaseModel] | None = None
    beside: Callable[[Tenant, Sequence[Any]], Any] = _nothing
    more: Callable[[Any, Any], Mapping[str, Any]] = lambda _row, _beside: {}
    has_page: bool = True

    # Its headline figures, measured from the rows (Tenant.figures[key with "_"]); `counts` is what the menu shows.
    figures: Callable[[Tenant], Mapping[str, Any]] | None = None
    counts: str = "total"
    # Kinds whose figures its rows are counted in, besides its own.
    counted_in: Sequence[str] = ()
    # Whether some of these rows are in a passing state: looking again soon pays. Gets a queryset.
    passing: Callable[[QuerySet[Any]], bool] | None = None

    news: News | None = None
    # News that several differences of one refresh make together: (tenant, differences, now) -> Changes.
    joint_news: Callable[..., Sequence[Any]] | None = None

    @property
    def part(self) -> str:
        """Where its figures stand in `Tenant.figures`: "floating_ips"."""
        return self.key.replace("-", "_")

    @property
    def model_name(self) -> str:
        """As changes and targets name it: "floatingip"."""
        return self.model._meta.model_name or ""

    @property
    def page_name(self) -> str:
        """The name of the address of one: "floating-ip"."""
        return self.one.lower().replace(" ", "-")

    def rows(self, tenant: Tenant) -> QuerySet[Any]:
        """Return a tenant's rows."""
        return self.model._default_manager.filter(tenant=tenant)

    def url(self, handle: object) -> str:
        """Return the address of its list; empty where it has none."""
        return _address(self.key, handle=handle)

    def url_of(self, handle: object, external_id: str) -> str:
        """Return the address of one of it; empty where it has no pages."""
        return _address(self.page_name, handle=handle, external_id=external_id)

    def url_of_known(self, tenant: Tenant, external_id: str) -> str:
        """Return the address of one that another thing names; empty where the tenant does not see it (any more)."""
        there = external_id and self.rows(tenant).filter(external_id=external_id).exists()
        return self.url_of(tenant.handle, external_id) if there else ""


def _address(name: str, **parts: object) -> str:
    try:
        return reverse(name, kwargs=parts)
    except NoReverseMatch:
        return ""


KINDS: Registry[Kind] = Registry(Kind, lambda kind: kind.key, order=lambda kind: kind.position)


def of_model(model: type[Resource]) -> Kind | None:
    """Return the kind of these rows."""
    return next((kind for kind in KINDS.values() if kind.model is model), None)


def named(model_name: str) -> Kind | None:
    """Return the kind that changes and targets name so: "floatingip"."""
    return next((kind for kind in KINDS.values() if kind.model_name == model_name), None)


def page_of(thing: Resource, tenant: Tenant) -> str:
    """Return the address of a thing's page; empty where its kind has no pages."""
    kind = of_model(type(thing))
    return kind.url_of(tenant.handle, thing.external_id) if kind else ""
