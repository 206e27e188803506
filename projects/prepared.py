"""Queries that every page makes, compiled once for each thread instead of once for each page.

The ORM takes several times as long to write such a query as the database to answer it.
"""

from collections.abc import Callable, Iterable
from threading import local
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count, Model, QuerySet, Value

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


class PreparedRows(Generic[M]):
    """A query for whole rows of a model, with placeholders as those of `Prepared`."""

    def __init__(self, model: type[M], build: Callable[..., QuerySet[M]], **stand_ins: Any) -> None:
        self.model, names = model, columns(model)
        self.query = Prepared(lambda **values: build(**values).values_list(*names), **stand_ins)

    def all(self, **values: Any) -> list[M]:
        """Return the rows as the ORM would give them."""
        return [instance(self.model, row) for row in self.query.rows(**values)]

    def first(self, **values: Any) -> M | None:
        """Return the first of few rows. A query that may find many limits itself."""
        return next(iter(self.all(**values)), None)


class PreparedCount:
    """How many rows a query finds, with placeholders as those of `Prepared`."""

    def __init__(self, build: Callable[..., QuerySet[Any]], **stand_ins: Any) -> None:
        def counted(**values: Any) -> QuerySet[Any, Any]:
            # One group of all rows: without it the ORM can only count at once.
            grouped = build(**values).order_by().values(one=Value(1))
            found: QuerySet[Any, Any] = grouped.annotate(n=Count("pk")).values_list("n")
            return found

        self.query = Prepared(counted, **stand_ins)

    def of(self, **values: Any) -> int:
        """Return the number."""
        return next((n for (n,) in self.query.rows(**values)), 0)


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
