"""Rebuilt rows equal the originals: every row and every field of the cast."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all rows by model; references by what they point at, as keys differ, and times by their age in minutes."""
    now = timezone.now()
    found = {}
    for kind in apps.get_models():
        if rows := [plain(row, now) for row in kind._base_manager.order_by("pk")]:
            found[kind.__name__] = rows
    return found


def plain(row: models.Model, now: datetime) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.name)
        if isinstance(value, datetime):
            value = round((now - value) / timedelta(minutes=1))
        said[field.name] = str(value) if isinstance(value, models.Model) else value
    for one in said.get("attachments", []):
        one.pop("attached_at")  # the cloud's own text, which no page shows
    return {name: value for name, value in said.items() if name != "id"}


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what the block writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def cast(build: Callable[[], factories.Cast]) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """Return what it writes and returns, and roll it back."""
    with undone():
        people = build()
        return everything(), {name: plain(row, timezone.now()) for name, row in vars(people).items()}


def with_other_keys() -> factories.Cast:
    """Build the cast in a database where none of the keys that its rows once had are taken."""
    place, person = factories.location("gone"), factories.person("gone")
    project = Project.objects.create(slug="gone", name="gone")
    for row in (factories.tenant(project, place), project, place, person):
        row.delete()
    return factories.cast()


def test_the_cast_written_again_is_the_cast() -> None:
    made = cast(factories.build_cast)
    assert made == cast(factories.cast)
    assert made == cast(with_other_keys)
    assert len(made[0]) > 20


def test_what_a_test_does_to_its_cast_is_not_in_the_next_one() -> None:
    for _ in range(2):
        with undone():
            people = factories.cast()
            assert people.atlas.location is people.north
            assert "spoilt" not in people.atlas.figures
            people.atlas.figures["spoilt"] = 1
            people.atlas.save()


def test_its_times_are_of_the_moment_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with undone():
        factories.cast()
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    as_of = factories.cast().atlas.as_of
    assert as_of
    assert later - as_of < timedelta(minutes=1)
