"""The filters above a list, shown as chips and kept in the URL."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Option:
    """A value to filter by, with the number of rows it would leave."""

    label: StrOrPromise
    url: str
    count: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A chip: either `chosen` (words of the choice, with the address that removes it) or a menu of options."""

    key: str
    label: StrOrPromise
    options: Sequence[Option] = ()
    chosen: StrOrPromise = ""
    clear_url: str = ""


def address(request: HttpRequest, **changes: str | None) -> str:
    """Return the page's own query with `changes` (None removes), back on the first page: "?status=ACTIVE"."""
    query = request.GET.copy()
    for other in ("page", "op"):
        query.pop(other, None)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value
    return f"?{query.urlencode()}"
