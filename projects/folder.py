"""Things of which a folder holds one in each module: a new one is a module, and nothing else has to know of it."""

from collections.abc import Iterator
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from typing import TypeVar

T = TypeVar("T")


def each(path: list[str], package: str, kind: type[T], named: str) -> Iterator[T]:
    """An instance of every subclass of `kind` that a module of the package has and that names itself.

    `path` is the package's `__path__`. `named` is the attribute that holds the name. TypeError for a name twice.
    """
    names: set[str] = set()
    for module in iter_modules(path, f"{package}."):
        for thing in vars(import_module(module.name)).values():
            own = isinstance(thing, type) and issubclass(thing, kind) and thing.__module__ == module.name
            if not own or named not in vars(thing) or isabstract(thing):
                continue
            name = vars(thing)[named]
            if name in names:
                raise TypeError(f"Two in {package} are called {name}.")
            names.add(name)
            yield thing()
