"""Wings: one Django app for each service a person uses. A wing is one line in INSTALLED_APPS, and brings all it has.

What a wing declares is found in its modules when Django starts (`projects.registry`): kinds of things with their lists
and pages, actions, entries of the menu and of the palette; and in its `urls`, the pages below a tenant (`in_tenant`)
and those of the site (`urlpatterns`).
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, ClassVar

from django.apps import AppConfig, apps
from django.urls import URLPattern

from projects import registry

# Not part of what a wing declares.
_APART = ("migrations", "tests", "conftest")


class Wing(AppConfig):
    """The app of one service."""

    # Django takes the one app of a module that is a default: a wing, not this class, which the module imports too.
    default: ClassVar[bool] = False  # type: ignore[misc]  # the stubs see an attribute of instances

    def __init_subclass__(cls) -> None:
        cls.default = True

    def ready(self) -> None:
        """Register what the wing's modules declare."""
        registry.collect(list(modules(self.name)))


def modules(package: str) -> Iterator[ModuleType]:
    """Import every module of a wing that is not a test or a migration, in the order of their names."""
    for found in walk_packages(import_module(package).__path__, f"{package}."):
        parts = found.name.removeprefix(f"{package}.").split(".")
        if not any(part in _APART or part.startswith("test_") for part in parts):
            yield import_module(found.name)


def wings() -> list[Wing]:
    """Return the wings in the order of the settings, which is that of the menu."""
    return [one for one in apps.get_app_configs() if isinstance(one, Wing)]


def _urls(name: str) -> list[Any]:
    found: list[URLPattern] = []
    for wing in wings():
        if find_spec(f"{wing.name}.urls"):
            found += getattr(import_module(f"{wing.name}.urls"), name, [])
    return found


def urls_in_tenant() -> Sequence[Any]:
    """Return every wing's pages below a tenant's address."""
    return _urls("in_tenant")


def urls_of_site() -> Sequence[Any]:
    """Return every wing's pages that belong to no tenant."""
    return _urls("urlpatterns")
