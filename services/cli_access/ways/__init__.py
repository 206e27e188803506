"""Every way by its key, in the order of the page. A module in this folder that has a way is all it takes."""

from importlib import import_module
from pkgutil import iter_modules

from services.cli_access.ways.base import Way


def _all() -> dict[str, Way]:
    found: list[Way] = []
    for module in iter_modules(__path__, f"{__name__}."):
        for thing in vars(import_module(module.name)).values():
            concrete = isinstance(thing, type) and issubclass(thing, Way) and "key" in vars(thing)
            if concrete and thing.__module__ == module.name:
                found.append(thing())
    ways = {way.key: way for way in sorted(found, key=lambda way: way.position)}
    if len(ways) < len(found):
        raise TypeError("Two ways have the same key.")
    return ways


WAYS = _all()
