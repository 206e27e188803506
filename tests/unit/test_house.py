"""The house: the ground has no word of any cloud, no room is too large, and the wings of a service are whole."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.environment import ROOT

PLATFORMS = re.compile(r"openstack|cloud_?foundry|nova\b|neutron|cinder|glance|swift|keystone", re.IGNORECASE)
# What the ground keeps for the platforms' sake, and why.
KNOWN = {
    "projects/models/location.py": "the columns of a location: how each platform is reached",
}
LARGEST = 0.30


def product(folder: str) -> Iterator[Path]:
    """Return the modules of a room, without tests and migrations."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts and not path.name.startswith("test_") and path.name != "conftest.py":
            yield path


def words(path: Path) -> Iterator[str]:
    """Yield identifiers, attributes and strings of a module; docstrings and comments may explain what they like."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{one.name}" for one in names)
            case ast.Constant(value=str(text)) if id(node) not in docs:
                yield text


def test_the_ground_names_no_cloud_and_no_wing() -> None:
    found = {
        (str(path.relative_to(ROOT)), word)
        for path in product("projects")
        for word in words(path)
        if PLATFORMS.search(word) or word.startswith("services.")
    }
    assert {one for one in found if one[0] not in KNOWN} == set()
    assert {path for path, _word in found} == set(KNOWN), "an exception that is needed no more"


def test_no_room_holds_more_than_its_share() -> None:
    rooms = [
        "portal",
        "projects",
        "clouds",
        *(f"services/{one.name}" for one in (ROOT / "services").iterdir() if one.is_dir()),
    ]
    lines = Counter({room: sum(len(path.read_text().splitlines()) for path in product(room)) for room in rooms})
    room, most = lines.most_common(1)[0]
    assert most <= LARGEST * lines.total(), f"{room} has {most} of {lines.total()} lines"


def test_an_action_is_three_files_in_one_folder() -> None:
    alone = {
        str(path.relative_to(ROOT))
        for path in product("services")
        if path.name.endswith("_page.py") and not path.with_name(f"test_{path.name}").exists()
        if not path.with_name(f"test_{path.name.removesuffix('_page.py')}.py").exists()
    }
    assert alone == set()
