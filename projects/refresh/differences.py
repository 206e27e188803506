"""Writes what a service told into the rows of one model: only what differs.

A reading of 1,000 servers that have not changed costs one SELECT and a comparison.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from django.db import models
from pydantic import BaseModel

from projects.models import Resource, Tenant

_BATCH = 500
_KEPT_BY_US = {"id", "tenant", "first_seen_at", "changed_at"}

Values: TypeAlias = Mapping[str, Any]


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
    """The columns of `model` that come from the cloud."""
    fields = [field for field in model._meta.concrete_fields if field.name not in _KEPT_BY_US]
    json = frozenset(field.name for field in fields if isinstance(field, models.JSONField))
    return _Columns(
        plain=frozenset(field.name for field in fields) - json,
        json=json,
        longest={
            field.name: field.max_length for field in fields if isinstance(field, models.CharField) and field.max_length
        },
    )


def write(
    tenant: Tenant,
    model: type[Resource],
    seen: Iterable[BaseModel],
    now: datetime,
    *,
    keep: frozenset[str] = frozenset(),
) -> list[Difference]:
    """Makes the tenant's rows of `model` equal to what was `seen`. Call it inside a transaction.

    `seen` are the typed rows of clouds.openstack.inventory, whose field names are the model's. Columns in `keep` stay
    as they are in rows that exist: what they are joined from could not be read.
    """
    there = columns(model)
    existing = {
        row["external_id"]: row for row in model._default_manager.filter(tenant=tenant).values("id", *there.all)
    }
    found = {values["external_id"]: values for values in (_values(row, there) for row in seen)}
    differences: list[Difference] = []
    for external_id, after in found.items():
        before = existing.get(external_id)
        if before is not None:
            for column in keep:
                after[column] = before[column]
        if before is None or any(before[column] != value for column, value in after.items()):
            differences.append(Difference(model, external_id, before, after))
    vanished = [row for external_id, row in existing.items() if external_id not in found]
    differences.extend(Difference(model, row["external_id"], row, None) for row in vanished)

    rows = [
        model(tenant=tenant, first_seen_at=now, changed_at=now, **change.after)
        for change in differences
        if change.after is not None
    ]
    if rows:
        # An upsert: one statement for new and changed rows alike, and right when another worker was faster.
        model._default_manager.bulk_create(
            rows,
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["tenant", "external_id"],
            update_fields=[*(column for column in there.all if column != "external_id"), "changed_at"],
        )
    for start in range(0, len(vanished), _BATCH):
        model._default_manager.filter(pk__in=[row["id"] for row in vanished[start : start + _BATCH]]).delete()
    return differences


def _values(row: BaseModel, there: _Columns) -> dict[str, Any]:
    """The row's columns as the database gives them back."""
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
