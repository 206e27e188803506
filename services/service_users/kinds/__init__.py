"""Every kind of service user by its key, in the order of the form. A module in this folder is all that a new one takes.

They call clouds: pages take no more of a kind than its words, and whether it is offered.
"""

from importlib import import_module
from pkgutil import iter_modules

from services.service_users.kinds.base import Kind


def _all() -> dict[str, Kind]:
    found: list[Kind] = []
    for module in iter_modules(__path__, f"{__name__}."):
        for thing in vars(import_module(module.name)).values():
            concrete = isinstance(thing, type) and issubclass(thing, Kind) and "key" in vars(thing)
            if concrete and thing.__module__ == module.name:
                found.append(thing())
    return {one.key: one for one in sorted(found, key=lambda one: one.position)}


KINDS = _all()
