"""Kinds of rows: which model a typed row of a cloud fills, and what it means for the rows beside it.

    class Volumes(Rows[block_storage.Volume]):
        row = block_storage.Volume
        model = Volume

A wing's module that declares one is all it takes to have one more (registry.py). What an operation saw in the cloud
goes into the inventory by it at once (`write`, `gone`): pages show it with their next question.
"""

from abc import ABC
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.utils import timezone
from pydantic import BaseModel

from projects import figures
from projects.models import Operation, OperationTarget, Resource, Tenant
from projects.refresh import attribution
from projects.refresh.differences import drop, upsert
from projects.registry import ClassRegistry

R = TypeVar("R", bound=BaseModel)


class Rows(ABC, Generic[R]):
    """One kind of rows. Its field names are the model's."""

    row: ClassVar[type[BaseModel]]
    model: ClassVar[type[Resource]]

    def write(self, tenant: Tenant, seen: Sequence[R], along: Sequence[BaseModel], now: datetime) -> bool:
        """Make the rows say what was seen, and others what follows from it. Tell whether anything differs.

        `along` is all that was seen at the same time. The tenant is locked.
        """
        return bool(upsert(tenant, self.model, seen, now, keep=frozenset()))

    def going(self, tenant: Tenant, external_ids: Sequence[str]) -> Callable[[], object]:
        """Look at rows before they are dropped; what is returned makes others say what follows, afterwards."""
        return lambda: None


ROWS: ClassRegistry[Rows[Any]] = ClassRegistry(Rows, "row")


def write(tenant: Tenant, rows: Sequence[BaseModel]) -> None:
    """Make the rows of these things say what was seen."""
    now = timezone.now()
    by_kind: dict[Rows[Any], list[BaseModel]] = {}
    for row in rows:
        by_kind.setdefault(ROWS[type(row)], []).append(row)
    with tenant.locked():
        changed = {kind.model for kind, seen in by_kind.items() if kind.write(tenant, seen, rows, now)}
        if changed:
            _grow(tenant, changed)


def gone(
    operation: Operation, model: type[Resource], external_ids: Iterable[str], *, only: Mapping[str, str] | None = None
) -> None:
    """Drop rows of things that were seen to be gone; a refresh that began earlier does not bring them back.

    `only` tells which, where several may have the same id: whose key pairs they are ({"user_id": the owner's}).
    """
    now, ids, tenant = timezone.now(), list(external_ids), operation.tenant
    with tenant.locked():
        for external_id in ids:
            OperationTarget.objects.update_or_create(
                operation=operation,
                kind=model._meta.model_name or "",
                external_id=external_id,
                defaults={"gone_at": now},
            )
        attribution.settle(operation, ids)
        # A model may be filled by two kinds of rows; what follows from its going is the same for both.
        kind = next((one for one in ROWS.values() if one.model is model), None)
        follow_up = kind.going(tenant, ids) if kind else None
        if drop(tenant, model, ids, only=only or {}):
            if follow_up:
                follow_up()
            _grow(tenant, {model})


def _grow(tenant: Tenant, models: set[type[Resource]]) -> None:
    """Rows that pages show are not what they were; of these models some are in another state, came or went.

    Only their figures are measured: all of them would take longer than what was done.
    """
    fields: dict[str, Any] = {}
    parts = {part for model in models for part in figures.parts_of(model)}
    if parts:
        before: dict[str, Any] = Tenant.objects.values_list("figures", flat=True).get(pk=tenant.pk)
        fields["figures"] = {**before, **figures.measure(tenant, parts)}
    if figures.may_pass(models):
        fields["changing"] = figures.is_changing(tenant)
    tenant.grow(**fields)
