"""Every action by its name. A module in this folder that has an action is all it takes to have one more.

Parts that stand above projects have folders of their own, and register them when Django starts (`register`).
"""

from typing import Any

from projects.actions.base import Action
from projects.folder import each

ACTIONS: dict[str, Action[Any]] = {}


def register(path: list[str], package: str) -> None:
    """Takes in every action of the modules in a package; `path` is its `__path__`. TypeError for a name twice."""
    for action in each(path, package, Action, "name"):
        if action.name in ACTIONS and type(ACTIONS[action.name]) is not type(action):
            raise TypeError(f"Two actions are called {action.name}.")
        ACTIONS[action.name] = action
    for name in sorted(ACTIONS):
        ACTIONS[name] = ACTIONS.pop(name)


register(__path__, __name__)
