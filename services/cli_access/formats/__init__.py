"""Every format by its key, in the order of the page. A module in this folder that has a format is all it takes."""

from importlib import import_module
from pkgutil import iter_modules

from services.cli_access.formats.base import Format


def _all() -> dict[str, Format]:
    found: list[Format] = []
    for module in iter_modules(__path__, f"{__name__}."):
        for thing in vars(import_module(module.name)).values():
            concrete = isinstance(thing, type) and issubclass(thing, Format) and "key" in vars(thing)
            if concrete and thing.__module__ == module.name:
                found.append(thing())
    return {one.key: one for one in sorted(found, key=lambda one: one.position)}


FORMATS = _all()
