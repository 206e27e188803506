"""Every action by its name. A wing's module that has an action is all it takes to have one more (projects.registry)."""

from typing import Any

from projects.actions.base import Action
from projects.registry import ClassRegistry

ACTIONS: ClassRegistry[Action[Any]] = ClassRegistry(Action, "name", order=lambda action: action.name)
