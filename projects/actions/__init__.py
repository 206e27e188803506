"""Every action by its name. A module in this folder that has an action is all it takes to have one more."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from projects.actions.base import Action


def _all() -> dict[str, Action[Any]]:
    found: dict[str, Action[Any]] = {}
    for module in iter_modules(__path__, f"{__name__}."):
        for thing in vars(import_module(module.name)).values():
            concrete = isinstance(thing, type) and issubclass(thing, Action) and "name" in vars(thing)
            if concrete and thing.__module__ == module.name:
                if thing.name in found:
                    raise TypeError(f"Two actions are called {thing.name}.")
                found[thing.name] = thing()
    return dict(sorted(found.items()))


ACTIONS = _all()
