"""View models for changes: the buttons that request them, and operations in progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django_stubs_ext import StrOrPromise

from portal.ui.status import Role

StepState = Literal["done", "working", "waiting", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Action:
    """A link, or with `post` a button that sends `name=value` to `url`. `blocked` says why it is not available."""

    label: StrOrPromise
    url: str
    icon: str = ""
    post: bool = False
    danger: bool = False
    blocked: StrOrPromise = ""
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an operation. `took` is a formatted duration ("2.6 s"), `note` one line below the title."""

    title: StrOrPromise
    state: StepState
    note: StrOrPromise = ""
    took: str = ""


@dataclass(frozen=True, slots=True)
class CommandText:
    """A change as text to run elsewhere. `key` is the client's name, or terraform."""

    key: str
    label: StrOrPromise
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One of value (with a url), chip (copied, shortened), chips (copied, whole), as in components/facts.html."""

    label: StrOrPromise
    value: StrOrPromise = ""
    url: str = ""
    chip: str = ""
    chips: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation as the drawer and its page show it.

    `word` follows the shape of `role` ("Running, step 3 of 4"), `time` is shown beside it ("8.2 s so far, usually 11
    s"). `failure` and `remedy` say why it failed and what to do. `success` says that it is done, with `undo` beside it
    and what that does in `remedy`. `actions` are Cancel and Try again. While it is `running` the drawer polls.
    """

    title: StrOrPromise
    role: Role
    word: StrOrPromise
    page_url: str
    running: bool = False
    time: StrOrPromise = ""
    steps: Sequence[Step] = ()
    facts: Sequence[Fact] = ()
    command: str = ""
    success: StrOrPromise = ""
    undo: Action | None = None
    failure: StrOrPromise = ""
    remedy: StrOrPromise = ""
    request_id: str = ""
    text: StrOrPromise = ""
    actions: Sequence[Action] = ()
