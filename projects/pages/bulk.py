"""Doing one thing with several rows of a list: declared beside the list (bulk.py), and in `Listing.bulks`.

Its page is at `/<handle>/volumes/bulk/<key>/` (bulk_page.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action as Button
from projects.actions import ACTIONS
from projects.actions.base import Action
from projects.models import Tenant


@dataclass(frozen=True, slots=True)
class Bulk:
    """One action on several rows of a list.

    `title` says it with their number ("Detach 3 volumes"), `heading` stands above those that it happens to ("These
    are detached"). `params` gives what is asked for one row, once for each operation that it takes (a volume is
    detached from each of its servers); none where there is nothing to do, and `nothing` says why. `tells` gives the
    small line of each row by its id, in a fixed number of queries for all. With `final` there is no undo: what is to
    be typed is their number and the list's noun.
    """

    key: str
    action: str
    label: StrOrPromise
    title: Callable[[int], str]
    heading: StrOrPromise
    params: Callable[[Any], Sequence[Mapping[str, Any]]]
    nothing: StrOrPromise = ""
    tells: Callable[[Tenant, Sequence[Any]], Mapping[str, str]] = lambda _tenant, _rows: {}
    final: bool = False

    @property
    def of(self) -> Action[Any]:
        """The action."""
        return ACTIONS[self.action]

    def button(self, tenant: Tenant, listing: str) -> Button:
        """Its button in the bar above the list of this key."""
        url = f"/{tenant.handle}/{listing}/bulk/{self.key}/"
        return Button(self.label, url, str(self.of.icon), post=True, danger=self.final)
