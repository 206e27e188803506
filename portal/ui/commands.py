"""Commands to copy: what a command is, and the only function that writes one for a shell.

Names are written by strangers, and clients such as `openstack` take any word that begins with a dash for an option,
wherever it stands: `--os-auth-url=…` would send the person's password and token to whoever chose the name. So an
option and its value are one word, and where a name begins with a dash, `--` stands before the first one.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 32
INDENT = "  "

# A flag ("--wait"), or an option with its value (("--size", "80")).
Option: TypeAlias = str | tuple[str, str]

# What some options take besides names: `--gateway=none`.
_RESERVED = ("", "auto", "none")
_VERB = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
_OPTION = re.compile(r"--?[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a client: what it does, its options, and the things that it does it to, none of it quoted yet.

        Command("volume create", [("--size", "80"), "--wait"], ["pg-data-02"])

    `ahead`: options of the client itself, before the verb. ValueError for a value where only words of ours may stand.
    """

    verb: str
    options: Sequence[Option] = ()
    things: Sequence[str] = ()
    ahead: Sequence[Option] = ()

    def __post_init__(self) -> None:
        if not _VERB.fullmatch(self.verb):
            raise ValueError(f"{self.verb!r} is no command: values belong into options and things.")
        for option in (*self.ahead, *self.options):
            name = option if isinstance(option, str) else option[0]
            if not _OPTION.fullmatch(name):
                raise ValueError(f"{name!r} is no option: its value belongs beside it.")


def given(*options: tuple[str, str]) -> list[Option]:
    """Return the options that have a value."""
    return [option for option in options if option[1]]


def plain(name: str) -> bool:
    """Return whether clients take a name for nothing else: no option, no list, no word of theirs, and all of it seen.

    A thing with another name is told by its id.
    """
    return name.isprintable() and not name.startswith("-") and not set(name) & set(",=") and name not in _RESERVED


def new_name(name: str, stand_in: str) -> str:
    """Return how a line tells a thing that the line before makes: by its name, or by a word to be replaced."""
    return name if plain(name) else stand_in


def line(program: Sequence[str], command: Command) -> str:
    """Return a command as one line."""
    return " ".join([*map(quote, program), *_parts(command)])


def lines(program: Sequence[str], command: Command) -> str:
    """Return a command in as few lines as fit into the sheet beside a form, broken between its parts.

    Which cloud it is for belongs to the program; what is done begins a line.
    """
    (client, *clouds), (first, *parts) = map(quote, program), _parts(command)
    return " \\\n".join([*_packed(client, clouds), *_packed(f"{INDENT}{first}", parts)])


def _packed(begun: str, parts: Iterable[str]) -> list[str]:
    """Add the parts to a line that is begun, and to further ones, none wider than it has to be."""
    found = [begun]
    for part in parts:
        if len(f"{found[-1]} {part} \\") <= WIDTH:
            found[-1] += f" {part}"
        else:
            found.append(f"{INDENT}{part}")
    return found


def quote(word: str) -> str:
    """Return a word as bash, zsh and fish take it for itself.

    What can't be seen is escaped as bash and zsh read it: pasted as it is, a terminal takes it for keys.
    """
    quoted = shlex.quote(word) if word.isprintable() else "$'" + "".join(map(_escaped, word)) + "'"
    # zsh takes =ls for the path of ls.
    return f"'{word}'" if quoted == word and word.startswith("=") else quoted


def _escaped(letter: str) -> str:
    # Bash looks for its history's ! before it knows these quotes, and takes a quote behind a backslash for their end.
    plainly = letter.isprintable() and letter not in "\\'!"
    return letter if plainly else "".join(f"\\{byte:03o}" for byte in letter.encode())


def _parts(command: Command) -> list[str]:
    """Return the pieces between which a line may be broken."""
    things = [quote(thing) for thing in command.things]
    if any(thing.startswith("-") for thing in command.things):
        things[0] = f"-- {things[0]}"
    return [*_written(command.ahead), command.verb, *_written(command.options), *things]


def _written(options: Iterable[Option]) -> list[str]:
    return [option if isinstance(option, str) else f"{option[0]}={quote(option[1])}" for option in options]
