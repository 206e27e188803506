"""What a folder holds in each of its modules is found without being told of."""

import sys
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from projects.plugins import each


class Beast(ABC):
    key: str

    @abstractmethod
    def says(self) -> str:
        """Its word."""


MODULE = """
from tests.unit.test_folder import Beast

class Shared(Beast):
    "Has no name of its own."

class Own(Shared):
    key = "{key}"
    def says(self):
        return "{key}!"
"""


def found(folder: Path, monkeypatch: pytest.MonkeyPatch, *keys: str) -> list[str]:
    name = f"beasts_{folder.name}"
    (folder / name).mkdir()
    for number, key in enumerate(keys):
        (folder / name / f"m{number}.py").write_text(MODULE.format(key=key))
    (folder / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    try:
        return [one.says() for one in each([str(folder / name)], name, Beast, "key")]
    finally:
        for module in [one for one in sys.modules if one.split(".")[0] == name]:
            del sys.modules[module]


def test_one_of_each_module_that_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, "cat", "dog") == ["cat!", "dog!"]


def test_a_name_twice_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="called cat"):
        found(tmp_path, monkeypatch, "cat", "cat")
