"""What a wing's module declares is found by its type, in order, and no name is taken twice."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from projects.registry import ClassRegistry, Registry


@dataclass(frozen=True)
class Sign:
    name: str
    place: int = 0


class Beast(ABC):
    key: str

    @abstractmethod
    def says(self) -> str:
        """Return its word."""


def module(name: str, **values: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(values)
    return made


def signs() -> Registry[Sign]:
    return Registry(Sign, lambda sign: sign.name, order=lambda sign: sign.place)


def test_values_and_tuples_of_them_are_found_in_their_order() -> None:
    registry = signs()
    registry.collect(module("one", LAST=Sign("c", 3), OTHERS=(Sign("b", 2), Sign("a", 1)), word="d", none=()))
    assert list(registry) == ["a", "b", "c"]
    assert registry["b"].place == 2
    assert registry.get("d") is None


def test_an_import_is_no_second_declaration() -> None:
    registry, sign = signs(), Sign("a")
    registry.collect(module("one", SIGN=sign))
    registry.collect(module("two", SIGN=sign))
    assert len(registry) == 1


def test_a_name_twice_ends_the_start() -> None:
    registry = signs()
    registry.add(Sign("a", 1))
    with pytest.raises(TypeError, match="called a"):
        registry.collect(module("two", SIGN=Sign("a", 2)))
    assert registry["a"].place == 1


def test_classes_get_one_instance_where_they_are_declared() -> None:
    class Cat(Beast):
        key = "cat"

        def says(self) -> str:
            return "meow"

    class Kitten(Cat):
        """Has no name of its own."""

    Cat.__module__ = Kitten.__module__ = "cats"
    registry: ClassRegistry[Beast] = ClassRegistry(Beast, "key")
    registry.collect(module("cats", Beast=Beast, Cat=Cat, Kitten=Kitten))
    registry.collect(module("elsewhere", Cat=Cat))
    assert [beast.says() for beast in registry.values()] == ["meow"]


def test_a_test_has_its_own_for_a_while() -> None:
    registry = signs()
    registry.add(Sign("a"))
    with registry.having(Sign("b")):
        assert set(registry) == {"a", "b"}
    assert set(registry) == {"a"}
