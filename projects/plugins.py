"""Things of which a folder holds one in each module: a new one is a module, and nothing else has to know of it."""

from collections.abc import Iterator
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def each(path: list[str], package: str, kind: type[T], named: str) -> Iterator[T]:
    """Yield an instance of every subclass of `kind` that a module of the package has and that names itself.

    `path` is the package's `__path__`. `named` is the attribute that holds the name. TypeError for a name twice.
    """
    names: set[str] = set()
    for module in iter_modules(path, f"{package}."):
        for thing in each_in(import_module(module.name), kind, named):
            name = getattr(thing, named)
            if name in names:
                raise TypeError(f"Two in {package} are called {name}.")
            names.add(name)
            yield thing


def each_in(module: ModuleType, kind: type[T], named: str) -> Iterator[T]:
    """Yield an instance of every subclass of `kind` that one module declares and that names itself."""
    for thing in vars(module).values():
        own = isinstance(thing, type) and issubclass(thing, kind) and thing.__module__ == module.__name__
        if own and named in vars(thing) and not isabstract(thing):
            yield thing()
