"""Editing what others may be editing too: the second one sees what changed, and nobody's words are lost.

The clouds have no conditional update of a name. So the params carry what the form was opened with; a step compares
that with what the cloud has, and changes of the same thing go one after the other, in the order they were asked for.
"""

from collections.abc import Callable
from typing import Protocol, cast

from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from portal.ui.commands import Option
from projects.actions import base
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.operations.run import Run
from projects.outcomes import Done, Failed, Outcome, Thing, Wait


class Named(Protocol):
    """Has a name and a description, in the cloud or in the inventory."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...


class Words(base.Params):
    """A thing's name and description: as they shall be, and as they were when the person began to edit."""

    name: str = ""
    description: str = ""
    # As the cloud has them, which may allow more than is asked for here.
    was_name: str | None = Field(None, max_length=10_000)
    was_description: str | None = Field(None, max_length=10_000)

    @property
    def wanted(self) -> tuple[str, str]:
        """The new ones."""
        return self.name, self.description

    def changed(self) -> list[Option]:
        """Return what changes, as options of a command."""
        both = ("--name", self.name, self.was_name), ("--description", self.description, self.was_description)
        return [(option, now) for option, now, was in both if now != was]

    def changed_meanwhile(self, now: Named) -> bool:
        """Whether somebody else has changed it since. Who does not say what they saw overwrites what is there."""
        was = (self.was_name, now.name), (self.was_description, now.description)
        return any(seen is not None and seen.strip() != there.strip() for seen, there in was)


def wait_for_earlier(run: Run, thing: Thing) -> Wait | None:
    """Something to wait for, while an operation of the same kind that was asked for earlier has not ended."""
    earlier = Operation.objects.open().filter(
        action=run.operation.action,
        tenant=run.tenant,
        pk__lt=run.operation.pk,
        targets__kind=thing.kind,
        targets__external_id=thing.external_id,
    )
    return Wait(0.3, _("Another change of it comes first.")) if earlier.exists() else None


def meanwhile(now: Named) -> str:
    """Return what somebody else made of it, in a sentence."""
    if now.description:
        said = _("It was changed meanwhile: its name is now “%(name)s”, its description “%(description)s”.")
    else:
        said = _("It was changed meanwhile: its name is now “%(name)s”, without a description.")
    return said % {"name": now.name, "description": now.description}


def lost(run: Run, now: Named) -> Failed:
    """How an edit ends that would overwrite somebody else's."""
    if standing.unsure(run.operation, "write"):
        said = _("%(said)s Whether yours was written before that is not known. Open it again to see it as it is.")
    else:
        said = _("%(said)s Nothing was changed. Open it again to see it as it is.")
    return Failed(said % {"said": meanwhile(now)}, code="changed_meanwhile")


def since() -> Done:
    """How an edit ends that was done, where something else stands there by now."""
    return Done(_("It was done, and somebody has changed it since."))


def write(run: Run, params: Words, now: Named, update: Callable[[], Named]) -> Outcome:
    """Write what is wanted over `now`, a typed row of the cloud, once, unless somebody else was faster."""
    if (now.name, now.description) == params.wanted:
        outcome: Outcome = Done()
    elif run.done("write"):
        outcome = since()
    elif params.changed_meanwhile(now):
        outcome = lost(run, now)
    else:
        now, outcome = run.send("write", update), Done()
    run.saw(cast(BaseModel, now))
    return outcome


def taken_back(run: Run, revision: int | None) -> Failed | None:
    """How a change ends that may have been made and taken back, where all is as it was before.

    It was sent for the revision in `run.memory`, and not answered. One change since then was somebody else's, of other
    fields: ours would be there. From now on the cloud refuses ours for that revision, so it may be sent for this one.
    """
    sent = run.memory.get("revision")
    if sent is None or revision is None or revision <= sent + 1:
        return None
    said = _("It may have been done and taken back by somebody: all is as it was. Nothing was overwritten. Try again.")
    return Failed(said, code="changed_meanwhile")
