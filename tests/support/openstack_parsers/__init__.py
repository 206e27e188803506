"""How the `openstack` command reads a line: rebuilt from what its parsers say, so that unit tests need no client.

`options.json` is what real.py says of the commands that Meshdeck shows. Both parse alike: the cloud's test of it sees
to that (tests/cloud/test_shown_lines.py), and this writes the file anew where a command comes to it:

    python -m tests.support.openstack_parsers "server rescue"
"""

import argparse
import json
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from tests.support import environment

RECORDED = Path(__file__).with_name("options.json")


class Read(TypedDict):
    """What a line says to the client."""

    verb: str
    options: dict[str, list[Any]]
    things: list[str]


def real(verbs: Iterable[str], lines: Iterable[Sequence[str]] = ()) -> dict[str, Any]:
    """Ask the real client what it takes after each verb, and how it reads the lines."""
    done = subprocess.run(
        [environment.ROOT / ".venv-devcloud/bin/python", Path(__file__).with_name("real.py")],
        input=json.dumps({"verbs": list(verbs), "lines": [list(line) for line in lines]}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@cache
def recorded() -> dict[str, Any]:
    """Return what the client was seen to take after each verb; of itself after none."""
    found: dict[str, Any] = json.loads(RECORDED.read_text())
    return found


def read(line: Sequence[str]) -> Read:
    """Read a line as cliff does: its own options wherever they stand, then the longest verb, then the verb's.

    SystemExit for what the client would refuse.
    """
    options, rest = _parser("").parse_known_args(line)
    words = rest[: next((n for n, word in enumerate(rest) if word.startswith("-")), len(rest))]
    verb = next(" ".join(words[:n]) for n in range(len(words), 0, -1) if " ".join(words[:n]) in recorded())
    more = _parser(verb).parse_args(rest[len(verb.split()) :])
    things = [word for name, said in vars(more).items() if name.startswith("thing") for word in _listed(said)]
    set_ = {name: said for name, said in (vars(options) | vars(more)).items() if name.startswith("-") and said}
    return Read(verb=verb, options=set_, things=things)


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


@cache
def _parser(verb: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(verb, add_help=False, exit_on_error=True)
    takes = recorded()[verb]
    for name, count in takes["options"].items():
        if count == 0:
            parser.add_argument(name, dest=name, action="append_const", const=True)
        else:
            parser.add_argument(name, dest=name, action="append", nargs=count)
    for n, count in enumerate(takes["things"]):
        parser.add_argument(f"thing{n:02}", nargs=count)
    return parser
