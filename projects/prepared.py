"""Queries that every page makes, compiled once for each thread instead of once for each page.

The ORM takes several times as long to write such a query as the database to answer it.
"""

from collections.abc import Callable, Iterable
from threading import local
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class Prepared:
    """A query with placeholders. `build` gets a stand-in for each of them, and gives the query as `values_list`.

    A stand-in is a value of the right type that stands nowhere else in the query.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self.build, self.stand_ins = build, stand_ins
        self.of_thread = local()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows, converted as the ORM converts them."""
        compiler, sql, places, converters = self._compiled()
        with compiler.connection.cursor() as cursor:
            cursor.execute(sql, [values[place.name] if isinstance(place, _Place) else place for place in places])
            found = cursor.fetchall()
        return [tuple(row) for row in compiler.apply_converters(found, converters)] if converters else found

    def _compiled(self) -> tuple[Any, str, list[Any], Any]:
        here = connections[DEFAULT_DB_ALIAS]
        kept: tuple[Any, str, list[Any], Any] | None = getattr(self.of_thread, "kept", None)
        if kept is None or kept[0].connection is not here:
            compiler: Any = self.build(**self.stand_ins).query.get_compiler(connection=here)
            sql, params = compiler.as_sql()
            converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
            places = {value: _Place(name) for name, value in self.stand_ins.items()}
            kept = self.of_thread.kept = compiler, sql, [places.get(param, param) for param in params], converters
        return kept


class _Place:
    """Where a value goes."""

    def __init__(self, name: str) -> None:
        self.name = name


def columns(model: type[Model], prefix: str = "") -> list[str]:
    """Return the names of a model's columns, for `values_list`."""
    return [f"{prefix}{field.attname}" for field in model._meta.concrete_fields]


def instance(model: type[M], values: Iterable[Any]) -> M:
    """Return a row of `columns` as the ORM would give it."""
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in model._meta.concrete_fields], list(values))
