"""Values that somebody chose to do harm, and actions asked for with nothing else."""

import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ValidationError

from portal.ui.commands import Command, plain
from projects.actions import ACTIONS
from projects.actions.base import Action

WORDS = (
    *("--os-auth-url=http://attacker.test/v3", "--os-auth-url", "-h", "--help", "--debug", "--", "-", "---", "-c"),
    *("--os-cloud=other", "-f", "--all-projects", "--force", "-1", "--=", "--os-token=x y"),
    *(
        "$(reboot)",
        "`reboot`",
        "${HOME}",
        "$HOME",
        "a; reboot",
        "a && reboot",
        "a | sh",
        "> /tmp/x",
        "*",
        "~root",
        "!!",
    ),
    *(
        "it's",
        'say "hi"',
        "back\\slash",
        "'",
        '"',
        "\\",
        "#no",
        "=ls",
        "a=b",
        "a,b",
        "{a,b}",
        "[a-z]",
        "(x)",
        "<x>",
        "&",
    ),
    *(
        "two\nlines",
        "\n--os-auth-url=x",
        "tab\there",
        "\x1b[201~reboot\n",
        "\x03",
        "\x7f",
        "\u009b31m",
        "\u202e-x",
        "\r",
    ),
    *("confirm", "create", "rule", "none", "auto", " ", " -x", "ünï 🦔", "e\u0301", "\u00a0", "\ufeff", "-" * 255),
)
# No argument can have the first, and no sent form the second.
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXT = st.one_of(st.sampled_from(WORDS), st.text(LETTERS, max_size=40), st.text("-=$`'\"\\\n;a ", max_size=12))


class Names(dict[str, str]):
    """What hostile people have called everything; what no command may use is told by its id, as `called` does it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def get(self, key: str, default: Any = None) -> Any:
        return self.name if plain(self.name) else default


def params_of(model: type[BaseModel]) -> st.SearchStrategy[BaseModel | None]:
    """Ask for an action with hostile words wherever it takes words; None for what its own checks refuse."""

    def made(fields: Mapping[str, Any]) -> BaseModel | None:
        try:
            return model.model_validate(fields)
        except ValidationError:
            return None

    given = {name: _field(field.annotation, field.get_default()) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries(given).map(made)


def _field(kind: Any, default: Any) -> st.SearchStrategy[Any]:
    if isinstance(default, str | list | int) and not isinstance(default, bool):
        return st.one_of(st.just(default), _value(kind))
    return _value(kind)


def _value(kind: Any) -> st.SearchStrategy[Any]:
    if get_origin(kind) is typing.Annotated:
        return _value(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) in (typing.Union, types.UnionType):
        return st.one_of(*map(_value, get_args(kind)))
    if get_origin(kind) is not None:
        return st.lists(_value(get_args(kind)[0]), max_size=2)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return params_of(kind).map(lambda made: made and made.model_dump())
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    simple: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(1, 200),
        AwareDatetime: st.just(datetime.now(UTC) + timedelta(days=9)),
        type(None): st.none(),
    }
    return simple.get(kind, TEXT)


def commands_of(action: Action[Any]) -> st.SearchStrategy[list[Command]]:
    """Return the commands of an action that hostile people prefilled; none for what it refuses."""
    return st.tuples(params_of(action.params), TEXT).map(
        lambda asked: list(action.commands(asked[0], Names(asked[1]))) if asked[0] else []
    )


def with_commands() -> list[str]:
    """Return the names of the actions that can be shown as commands."""
    return sorted(name for name, action in ACTIONS.items() if type(action).commands is not Action.commands)
