"""What an action is: one verb in one module, the same behind page, API and script.

An action is a small reconciler. Each `step` looks at the cloud and moves it one step nearer to the goal, so that a
step which is done again, by another worker after a crash, does no harm. It says where it is (`run.at`), and ends in an
outcome: Done, Wait until it pays to look again, or Failed. What goes wrong with the cloud it lets through: the run
knows what each CloudError means (operations/faults.py).

    class RenameVolume(Action[Params]):
        name = "rename-volume"
        params = Params
        …

The instance is registered by `projects.actions`, which imports every module beside this one.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from django_stubs_ext import StrOrPromise
from pydantic import BaseModel, ConfigDict

from portal.ui.commands import Command
from projects.access import Visit
from projects.actions import outcome_unknown
from projects.models import Operation, Role, Tenant
from projects.operations.run import Run
from projects.outcomes import Ask, Ends, Outcome, Refusal, Step, Thing


class Params(BaseModel):
    """What a person asks for: the body of the API's request, and what a form is made into. Never a secret."""

    # Ids and names of clouds have at most 255 characters; a field that may have more says so by its own `max_length`.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, str_max_length=255)


P = TypeVar("P", bound=Params)


class Action(ABC, Generic[P]):
    """One verb. Instances have no state."""

    name: ClassVar[str]
    params: ClassVar[type[Params]]
    label: ClassVar[StrOrPromise]
    icon: ClassVar[str]
    # The services that the location has to offer.
    services: ClassVar[Sequence[str]]
    role: ClassVar[Role] = Role.MEMBER
    # The limits that it takes from (`costs` says how much).
    measures: ClassVar[Sequence[str]] = ()
    # After this an operation that has not reached its goal fails, and says what stands.
    patience: ClassVar[timedelta] = timedelta(minutes=10)
    # Whether stopping half-way leaves something that makes sense.
    cancellable: ClassVar[bool] = True
    # False: what comes of it goes to a browser, so the API does not offer it.
    in_api: ClassVar[bool] = True
    # True: what comes of it belongs to who asked, so nobody else tries it again.
    personal: ClassVar[bool] = False
    # The parameter that holds a text which may be secret: operations have its name only (private_text.py).
    private: ClassVar[str] = ""

    @abstractmethod
    def title(self, params: P, names: Mapping[str, str]) -> str:
        """Return what is asked for: "Attach logs-01 to web-02". `names` by id, as they were when it was asked for."""

    @abstractmethod
    def told(self, params: P, names: Mapping[str, str]) -> str:
        """Do the same when it is done: "Attached logs-01 to web-02"."""

    @abstractmethod
    def things(self, params: P) -> Sequence[Thing]:
        """Return what is changed. What is made comes to it when it is known (`run.made`)."""

    @abstractmethod
    def steps(self, params: P, names: Mapping[str, str]) -> Sequence[Step]:
        """All steps in their order."""

    @abstractmethod
    def step(self, run: Run, params: P) -> Outcome:
        """Look at the cloud and makes the next step. In a worker, as the user; CloudErrors pass."""

    def costs(self, tenant: Tenant, params: P) -> Mapping[str, int]:
        """Return what it takes of the project's limits."""
        return {}

    def ends(self, tenant: Tenant, params: P) -> Ends:
        """Say what is lost and what is kept, where something is: on its page, and in the API's dry run. From the
        inventory; asks no cloud.
        """
        return Ends()

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        """Return what the cloud would refuse, told beforehand from the inventory. Asks no cloud."""
        return ()

    def check_person(self, visit: Visit, params: P) -> Iterable[Refusal]:
        """Return what speaks against it for this person, beyond the role: what is theirs alone, how often. Asks no
        cloud.
        """
        return ()

    def commands(self, params: P, names: Mapping[str, str]) -> Sequence[Command]:
        """Do the same by the `openstack` command line."""
        return ()

    def terraform(self, tenant: Tenant, params: P, names: Mapping[str, str]) -> str:
        """Return the thing that is made as a Terraform resource of the OpenStack provider; empty where nothing is
        made.
        """
        return ""

    def undo(self, operation: Operation, params: P) -> Ask | None:
        """Return what takes a done operation back, where one click can."""
        return None

    def stands(self, operation: Operation, params: P) -> str:
        """Say what stays after it was cancelled or has failed half-way."""
        return outcome_unknown.what_stands(operation)

    def also_named(self, params: P) -> Sequence[Thing]:
        """More things whose names belong into the sentence, besides those that are changed."""
        return ()
