"""Find out which test tools have changed since they were last proven (`make test-tools`).

scripts/prove.py proves what has changed since
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In git, so that every clone has it.
PROVEN = ROOT / "tests/tools/proven.json"


@dataclass(frozen=True)
class Tool:
    """A tool: the tests that prove it, and all files that their outcome depends on, as globs."""

    tests: str
    files: tuple[str, ...]

    def digest(self) -> str:
        """Return a hash that changes when any of the files has changed, appeared or disappeared."""
        found = hashlib.sha256()
        for path in sorted(set(self._paths())):
            found.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
        return found.hexdigest()

    def _paths(self) -> Iterator[Path]:
        for pattern in (self.tests, *self.files):
            for path in ROOT.glob(pattern):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield path


TOOLS = {
    "running": Tool(
        "tests/tools/test_running.py",
        (
            *(f"scripts/{name}.py" for name in ("proven", "results", "test")),
            *(f"tests/support/{name}.py" for name in ("environment", "shells", "slots")),
            "tests/support/warm/*.py",
        ),
    ),
    "devcloud": Tool(
        "tests/tools/test_devcloud_*.py",
        ("devcloud/**/*", "tests/cloud/conftest.py", "tests/support/issuer.py"),
    ),
    "devfoundation": Tool(
        "tests/tools/test_devfoundation.py",
        ("devfoundation/**/*", "tests/providers/*.py", "tests/support/uaa_contract.py", "requirements.lock"),
    ),
    # The cast is rewritten table by table from a saved copy, so migrations matter.
    "cast": Tool(
        "tests/tools/test_mould.py",
        ("tests/factories/*.py", *(f"{top}/**/migrations/*.py" for top in ("portal", "projects", "services"))),
    ),
}


def changed() -> list[str]:
    """Return the tools that are not proven in their current state."""
    proven = json.loads(PROVEN.read_text()) if PROVEN.exists() else {}
    return [name for name, tool in TOOLS.items() if proven.get(name) != tool.digest()]


def tests(names: Iterable[str]) -> list[str]:
    """Return paths for pytest."""
    return [str(path.relative_to(ROOT)) for name in names for path in sorted(ROOT.glob(TOOLS[name].tests))]


def digests(names: Iterable[str]) -> dict[str, str]:
    """Return the hashes to record after the tests: computed before, as files may change during the run."""
    return {name: TOOLS[name].digest() for name in names}


def write(found: dict[str, str]) -> None:
    """Record that these were proven."""
    proven = json.loads(PROVEN.read_text()) if PROVEN.exists() else {}
    known = {name: value for name, value in (proven | found).items() if name in TOOLS}
    PROVEN.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
