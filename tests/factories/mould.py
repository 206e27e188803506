"""Build rows that take hundreds of statements once per process, then write them again with a few inserts."""

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db.models import DateTimeField, Model
from django.db.models.signals import post_save
from django.utils import timezone

T = TypeVar("T")
Rows = dict[type[Model], list[Model]]


class Mould(Generic[T]):
    """Calls `build` the first time. Later calls return the same result with new rows, and all times moved to now.

    `build` saves its rows one by one and returns a dataclass of such rows.
    """

    def __init__(self, build: Callable[[], T]) -> None:
        self.build = build
        self.kept: bytes = b""

    def __call__(self) -> T:
        """Write the rows to the database and return them."""
        return self._again() if self.kept else self._first()

    def _first(self) -> T:
        made: dict[type[Model], list[Any]] = {}

        def note(sender: type[Model], instance: Model, created: bool, **_: object) -> None:
            if created:
                made.setdefault(sender, []).append(instance.pk)

        post_save.connect(note)
        try:
            built = self.build()
        finally:
            post_save.disconnect(note)
        # As the database has them, for a row may have been changed after it was saved.
        rows = {model: list(model._base_manager.filter(pk__in=keys).order_by("pk")) for model, keys in made.items()}
        index = {(model, row.pk): row for model, found in rows.items() for row in found}
        for row in index.values():
            for field in _references(type(row)):
                if (key := getattr(row, field.attname)) is not None:
                    setattr(row, field.name, index[field.related_model, key])
        given = {name: index[type(row), row.pk] for name, row in vars(built).items()}
        # The time when it finished, so that no rebuilt row is newer than what a test creates after it.
        self.kept = pickle.dumps((timezone.now(), type(built), given, rows))
        return built

    def _again(self) -> T:
        then, kind, given, rows = pickle.loads(self.kept)  # noqa: S301 - our own
        passed = timezone.now() - then
        for model, found in rows.items():
            for row in found:
                _renew(row, passed)
            model._base_manager.bulk_create(found)
        return kind(**given)


def _renew(row: Model, passed: timedelta) -> None:
    """Renew a row that was never saved but belongs to rows that are saved already."""
    row.pk, row._state.adding = None, True
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, DateTimeField) and value is not None:
            setattr(row, field.attname, value + passed)
    for field in _references(type(row)):
        if getattr(row, field.attname) is not None:
            setattr(row, field.attname, getattr(row, field.name).pk)


def _references(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.remote_field]
