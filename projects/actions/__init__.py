"""Every action by its name. A module in this folder that has an action is all it takes to have one more.

Parts that stand above projects have folders of their own, and register them when Django starts (`register`).
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from projects.actions.base import Action

ACTIONS: dict[str, Action[Any]] = {}


def register(path: list[str], package: str) -> None:
    """Takes in every action of the modules in a package; `path` is its `__path__`. TypeError for a name twice."""
    for module in iter_modules(path, f"{package}."):
        for thing in vars(import_module(module.name)).values():
            concrete = isinstance(thing, type) and issubclass(thing, Action) and "name" in vars(thing)
            if concrete and thing.__module__ == module.name:
                if thing.name in ACTIONS and type(ACTIONS[thing.name]) is not thing:
                    raise TypeError(f"Two actions are called {thing.name}.")
                ACTIONS[thing.name] = thing()
    for name in sorted(ACTIONS):
        ACTIONS[name] = ACTIONS.pop(name)


register(__path__, __name__)
