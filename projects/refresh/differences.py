"""Writes what a service told into the rows of one model: only what differs.

A reading of 1,000 servers that have not changed costs one SELECT and a comparison.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias

from django.db import models
from pydantic import BaseModel

from projects.models import Resource, Tenant

_BATCH = 500
_KEPT_BY_US = {"id", "tenant", "first_seen_at", "changed_at"}

Values: TypeAlias = Mapping[str, Any]
_WHOLE: Values = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what it was. `before` is None when it appeared, `after` when it vanished."""

    model: type[Resource]
    external_id: str
    before: Values | None
    after: Values | None

    @property
    def name(self) -> str:
        """The name it has, or had."""
        return str((self.after or self.before or {}).get("name", ""))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a model that a service fills; `longest` has those whose length the database bounds."""

    plain: frozenset[str]
    json: frozenset[str]
    longest: Mapping[str, int]

    @property
    def all(self) -> list[str]:
        return sorted(self.plain | self.json)


@cache
def columns(model: type[Resource]) -> _Columns:
    """Return the columns of `model` that come from the cloud."""
    fields = [field for field in model._meta.concrete_fields if field.name not in _KEPT_BY_US]
    json = frozenset(field.name for field in fields if isinstance(field, models.JSONField))
    return _Columns(
        plain=frozenset(field.name for field in fields) - json,
        json=json,
        longest={
            field.name: field.max_length for field in fields if isinstance(field, models.CharField) and field.max_length
        },
    )


@cache
def parts(model: type[Resource]) -> frozenset[str]:
    """Return what tells rows of the same external id in one tenant apart: the owner of a key pair, the service of a
    zone.
    """
    unique = next(one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint))
    return frozenset(unique.fields) - {"tenant", "external_id"}


def write(
    tenant: Tenant,
    model: type[Resource],
    seen: Iterable[BaseModel],
    now: datetime,
    *,
    keep: frozenset[str] = frozenset(),
    gone: frozenset[str] = frozenset(),
    only: Values = _WHOLE,
) -> list[Difference]:
    """Make the tenant's rows of `model` equal to what was `seen`. Call it inside a transaction.

    `now` is when the reading began. What an operation wrote since then is newer and stays; what operations saw going
    since then (`gone`) does not come back.

    `seen` are the typed rows of clouds.openstack.inventory, whose field names are the model's. Columns in `keep` stay
    as they are in rows that exist: what they are joined from could not be read.

    `only` names the part of the rows that was read, where a kind has several in one tenant: the key pairs of one owner,
    the zones of one service. All other rows are neither compared nor deleted.
    """
    there = columns(model)
    existing = {
        row["external_id"]: row
        for row in model._default_manager.filter(tenant=tenant, **only).values("id", "changed_at", *there.all)
    }
    found = {values["external_id"]: values for values in ({**_values(row, there), **only} for row in seen)}
    differences: list[Difference] = []
    for external_id, after in found.items():
        before = existing.get(external_id)
        if before is None:
            if external_id not in gone:
                differences.append(Difference(model, external_id, None, after))
        elif before["changed_at"] <= now and _differs(before, after, keep):
            differences.append(Difference(model, external_id, before, after))
    vanished = [row for id_, row in existing.items() if id_ not in found and row["changed_at"] <= now]
    differences.extend(Difference(model, row["external_id"], row, None) for row in vanished)
    _save(tenant, model, [change.after for change in differences if change.after is not None], now)
    drop(tenant, model, [row["external_id"] for row in vanished], only=only)
    return differences


def upsert(
    tenant: Tenant, model: type[Resource], seen: Iterable[BaseModel], now: datetime, *, keep: frozenset[str]
) -> bool:
    """Make single rows say what was seen at `now`, leaves all others alone, and tells whether anything differs."""
    there, ident = columns(model), itemgetter("external_id", *parts(model))
    found = {ident(values): values for values in (_values(row, there) for row in seen)}
    ids = {values["external_id"] for values in found.values()}
    known = model._default_manager.filter(tenant=tenant, external_id__in=ids).values(*there.all)
    existing = {ident(row): row for row in known}
    changed = [
        after for key, after in found.items() if (before := existing.get(key)) is None or _differs(before, after, keep)
    ]
    _save(tenant, model, changed, now)
    return bool(changed)


def drop(tenant: Tenant, model: type[Resource], external_ids: Sequence[str], *, only: Values = _WHOLE) -> bool:
    """Delete single rows, and tells whether there were any. `only` as in `write`.

    ValueError where it is not said of which part: two people may have a key pair of the same name.
    """
    if set(only) != parts(model):
        raise ValueError(f"Rows of {model.__name__} are told apart by {parts(model)} too.")
    dropped = 0
    for start in range(0, len(external_ids), _BATCH):
        some = external_ids[start : start + _BATCH]
        dropped += model._default_manager.filter(tenant=tenant, external_id__in=some, **only).delete()[0]
    return dropped > 0


def _differs(before: Values, after: dict[str, Any], keep: frozenset[str]) -> bool:
    """Whether a row is not what it was, after the columns to `keep` were filled in."""
    for column in keep:
        after[column] = before[column]
    return any(before[column] != value for column, value in after.items())


def _save(tenant: Tenant, model: type[Resource], rows: Sequence[Values], now: datetime) -> None:
    """Upsert: one statement for new and changed rows alike, and right when another worker was faster."""
    if not rows:
        return
    key = {"tenant", "external_id"} | parts(model)
    model._default_manager.bulk_create(
        [model(tenant=tenant, first_seen_at=now, changed_at=now, **row) for row in rows],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=sorted(key),
        update_fields=[*(column for column in columns(model).all if column not in key), "changed_at"],
    )


def _values(row: BaseModel, there: _Columns) -> dict[str, Any]:
    """Return the row's columns as the database gives them back."""
    values = row.model_dump(include=set(there.plain))
    if there.json:
        values |= row.model_dump(mode="json", include=set(there.json))
    for column, most in there.longest.items():
        # No service lets a name be longer than our columns; what does come longer, or with a NUL, is rubbish that
        # PostgreSQL would refuse, and with it the whole refresh.
        text = values[column]
        if len(text) > most or "\0" in text:
            values[column] = text.replace("\0", "�")[:most]
    return values
