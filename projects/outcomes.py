"""What actions and the runs of operations say to each other, and to pages: below both of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django_stubs_ext import StrOrPromise

from portal.ui.forms import Way
from projects.models import Resource


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something can't be asked for, in words with numbers, and ways on. `field` is of the params, or empty."""

    field: str
    reason: StrOrPromise
    ways: Sequence[Way] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that is changed."""

    model: type[Resource]
    external_id: str

    @property
    def kind(self) -> str:
        """As changes and targets name it: "securitygroup"."""
        return self.model._meta.model_name or ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step as a person sees it. `todo` before and while it runs ("Attach to db-01"), `done` after."""

    key: str
    todo: StrOrPromise
    done: StrOrPromise
    hint: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The goal is reached, and was seen in the cloud. `note` is one short sentence."""

    note: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again after so many seconds; `note` says what it waits for ("The cloud says: attaching")."""

    seconds: float = 0.3
    note: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It can't be reached. `reason` says why and what stands now; `detail` is the cloud's own word."""

    reason: StrOrPromise
    detail: str = ""
    code: str = "failed"


Outcome: TypeAlias = Done | Wait | Failed


@dataclass(frozen=True, slots=True)
class Ask:
    """Another action that can be asked for, such as the undoing of one."""

    action: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lot:
    """Something that an action ends or leaves, and what becomes of it: "Volume data-01", "20 GiB, is detached"."""

    text: StrOrPromise
    small: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """What is lost with an action, and what is kept, as far as is known beforehand."""

    lost: Sequence[Lot] = ()
    kept: Sequence[Lot] = ()


def name_of(names: Mapping[str, str], external_id: str) -> str:
    """Return what a thing is called in a sentence; its id where no name is known."""
    return names.get(external_id) or external_id
