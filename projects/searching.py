"""Queries that all kinds share: what a search word matches in a row, and sums."""

import re

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

# An address or a part of one: digits, hex digits, dots and colons, with at least one dot or colon. No key of the JSON
# that addresses are stored in looks like that, so a match is always in a value.
ADDRESS = re.compile(r"[0-9a-f]*[.:][0-9a-f.:]*", re.IGNORECASE)


def by_name(q: str, *columns: str) -> Q:
    """Rows whose name, id or one of `columns` contains the word, without regard to case."""
    found = Q(name__icontains=q) | Q(external_id__istartswith=q)
    for column in columns:
        found |= Q((f"{column}__icontains", q))
    return found


def by_name_or_address(q: str, addresses: str, *columns: str) -> Q:
    """Like `by_name`, and by addresses in the JSON column `addresses`."""
    found = by_name(q, *columns)
    if ADDRESS.fullmatch(q):
        found |= Q((f"{addresses}__icontains", q))
    return found


def total(column: str) -> Coalesce:
    """Add a column up; 0 where there are no rows."""
    return Coalesce(Sum(column), 0)
