"""Every action by its name. A wing's module that has an action is all it takes to have one more (projects.wings)."""

from types import ModuleType
from typing import Any

from projects.actions.base import Action
from projects.plugins import each_in

ACTIONS: dict[str, Action[Any]] = {}


def register(module: ModuleType) -> None:
    """Take in every action that the module declares. TypeError for a name twice."""
    for action in each_in(module, Action, "name"):
        if action.name in ACTIONS and type(ACTIONS[action.name]) is not type(action):
            raise TypeError(f"Two actions are called {action.name}.")
        ACTIONS[action.name] = action
    for name in sorted(ACTIONS):
        ACTIONS[name] = ACTIONS.pop(name)
