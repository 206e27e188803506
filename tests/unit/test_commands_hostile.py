"""No value becomes an option, a second command or a key press, whoever chose it: through a shell and the parsers."""

import ast
import re
import subprocess
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st

from portal.ui.commands import Command, line, lines, quote
from projects.actions import ACTIONS
from services.openstack import terraform
from tests.support import environment, openstack_parsers
from tests.unit import hostile

PROGRAM = ("openstack", "--os-cloud=atlas-north")
FEW = settings(
    max_examples=25,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


def words_of(text: str, shell: str = "bash") -> list[str]:
    """Return what a shell makes of a line that is pasted into it."""
    script = f"openstack() {{ printf '%s\\0' openstack \"$@\"; }}\n{text}\n"
    flags = ["--norc", "--noprofile"] if shell == "bash" else ["-f"]
    done = subprocess.run([shell, *flags], input=script.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def expected(command: Command) -> dict[str, list[Any]]:
    """Return the options that a command sets, each with its values."""
    found = defaultdict(list)
    for option in (("--os-cloud", "atlas-north"), *command.ahead, *command.options):
        name, value = (option, True) if isinstance(option, str) else option
        found[name].append(value)
    return dict(found)


@pytest.mark.parametrize("shell", ["bash", pytest.param("zsh", marks=pytest.mark.requires("zsh"))])
@FEW
@given(st.lists(hostile.TEXT, min_size=1, max_size=3))
def test_a_shell_reads_each_word_as_it_was(shell: str, words: list[str]) -> None:
    assert words_of(" ".join(["openstack", *map(quote, words)]), shell) == ["openstack", *words]


@pytest.mark.parametrize("word", hostile.WORDS)
def test_what_terminals_take_for_keys_is_not_in_the_line(word: str) -> None:
    assert quote(word).isprintable()
    assert words_of(f"openstack {quote(word)}") == ["openstack", word]


@pytest.mark.parametrize("name", hostile.with_commands())
@FEW
@given(st.data())
def test_no_value_becomes_an_option_of_the_client(name: str, data: st.DataObject) -> None:
    for command in data.draw(hostile.commands_of(ACTIONS[name])):
        options = expected(command)
        # argparse before Python 3.13 loses this one word there, and takes it for nothing else.
        assume("--" not in [*command.things[1:], *(word for said in options.values() for word in said)])
        said = words_of(lines(PROGRAM, command))
        assert words_of(line(PROGRAM, command)) == said
        read = openstack_parsers.read(said[1:])
        assert read == {"verb": command.verb, "options": options, "things": list(command.things)}


@pytest.mark.parametrize("name", sorted({*hostile.with_commands()} - {"release-volume"}))
def test_every_action_comes_to_its_commands(name: str) -> None:
    """The test above says nothing about an action that refuses whatever it is asked with."""
    assert find(hostile.commands_of(ACTIONS[name]), bool, settings=settings(FEW, max_examples=500))


@FEW
@given(hostile.TEXT)
def test_terraform_reads_a_string_as_it_was(word: str) -> None:
    written = terraform.quoted(word)
    assert written.isprintable()
    # Its escapes are Python's too, apart from those of templates.
    assert ast.literal_eval(written.replace("$${", "${").replace("%%{", "%{")) == word


def test_only_the_writer_of_commands_and_those_of_files_quote_for_a_shell() -> None:
    """A page that put a line together by itself would not be covered by the tests above."""
    product = [path for room in ("portal", "projects", "services") for path in (environment.ROOT / room).rglob("*.py")]
    quoting = {str(path.relative_to(environment.ROOT)) for path in product if "shlex" in path.read_text()}
    assert quoting == {
        "portal/demo/keys.py",
        "portal/ui/commands.py",
        "services/cli_access/formats/env.py",
        "services/service_users/files/s3.py",
    }


def test_only_one_place_asks_actions_for_their_commands() -> None:
    """It gives them names that mean one thing each; the names of sentences don't."""
    product = [path for room in ("projects", "services") for path in (environment.ROOT / room).rglob("*.py")]
    asking = {
        str(path.relative_to(environment.ROOT))
        for path in product
        if re.search(r"(?<!acting)\.commands\([\w.]+, ", path.read_text()) and not path.name.startswith("test_")
    }
    assert asking == {"projects/pages/command.py", "services/block_storage/volumes/detach_again.py"}
