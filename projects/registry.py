"""What the wings declare, and the ground makes pages, menus and API from: one style of registry for all of it.

    KINDS = Registry(Kind, lambda kind: kind.key)

A module of a wing that has a `Kind`, or a tuple of them, as one of its names has declared it: `projects.wings` shows
every module of each wing to every registry when Django starts. The order is that of the wings in the settings, then of
the declarations' own `position`, where they have one.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import isabstract
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")

# Every registry, for `collect`.
_ALL: list["Registry[Any]"] = []


class Registry(Mapping[Any, T]):
    """Things of one type by their names, in the order of `order`: as they were declared, without one."""

    def __init__(
        self, of: type[T], name: Callable[[T], Hashable], order: Callable[[T], Any] = lambda _thing: 0
    ) -> None:
        self._of, self._name, self._order = of, name, order
        self._things: dict[Hashable, T] = {}
        _ALL.append(self)

    def __getitem__(self, name: Any) -> T:
        return self._things[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def add(self, *things: T) -> None:
        """Take in things. TypeError for a second one of the same name."""
        all_ = dict(self._things)
        for thing in things:
            name = self._name(thing)
            if all_.setdefault(name, thing) is not thing:
                raise TypeError(f"Two of {self._of.__name__} are called {name}.")
        self._things = dict(sorted(all_.items(), key=lambda item: self._order(item[1])))

    @contextmanager
    def having(self, *things: T) -> Iterator[None]:
        """Have these besides for a while, such as a test's own."""
        before = self._things
        try:
            self.add(*things)
            yield
        finally:
            self._things = before

    def collect(self, module: ModuleType) -> None:
        """Take in what a module declares. What it has imported from another module is known already."""
        for value in list(vars(module).values()):
            if isinstance(value, self._of):
                self.add(value)
            elif isinstance(value, tuple) and value and all(isinstance(one, self._of) for one in value):
                self.add(*value)


class ClassRegistry(Registry[T]):
    """The same for classes that have one instance: subclasses which name themselves, such as actions."""

    def __init__(self, of: type[T], attribute: str, order: Callable[[T], Any] = lambda _thing: 0) -> None:
        super().__init__(of, lambda thing: getattr(thing, attribute), order)
        self._attribute = attribute

    def collect(self, module: ModuleType) -> None:
        """Make an instance of each class that the module itself declares."""
        for value in list(vars(module).values()):
            own = isinstance(value, type) and issubclass(value, self._of) and value.__module__ == module.__name__
            if own and self._attribute in vars(value) and not isabstract(value):
                known = self.get(vars(value)[self._attribute])
                if type(known) is not value:
                    self.add(value())


def collect(modules: Sequence[ModuleType]) -> None:
    """Show modules to every registry."""
    for module in modules:
        for registry in _ALL:
            registry.collect(module)
