"""Give a snapshot another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import snapshots
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.outcomes import Ask, Command, Outcome, Refusal, Step, Thing, name_of
from services.block_storage.models import Snapshot
from services.block_storage.snapshots import one_snapshot
from services.block_storage.snapshots.one_snapshot import OneSnapshot
from services.openstack.actions import Run


class Params(one_snapshot.Params, editing.Words):
    """A snapshot's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditSnapshot(OneSnapshot[Params]):
    """Changes what a snapshot is called."""

    name = "edit-snapshot"
    params = Params
    label = gettext_lazy("Edit snapshot")
    icon = "pencil"

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.snapshot_id)
        if params.name != was:
            return _("Rename snapshot %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Describe snapshot %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.snapshot_id)
        if params.name != was:
            return _("Renamed snapshot %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Described snapshot %(name)s") % {"name": params.name}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("write", _("Write it"), _("Written"))]

    def refusals(self, snapshot: Snapshot, params: Params) -> Iterable[Refusal]:
        if (snapshot.name, snapshot.description) == params.wanted:
            yield Refusal("", _("This is what it is called already."))
        elif params.changed_meanwhile(snapshot):
            yield Refusal("", editing.meanwhile(snapshot))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Snapshot, params.snapshot_id)):
            return wait
        snapshot = snapshots.get(run.cloud, params.snapshot_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, snapshot, lambda: snapshots.update(run.cloud, params.snapshot_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["volume", "snapshot", "set"], *params.changed(), [name_of(names, params.snapshot_id)]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        if params.was_name is None or params.was_description is None:
            return None
        before = {"name": params.was_name, "description": params.was_description}
        now = {"was_name": params.name, "was_description": params.description}
        return Ask(self.name, {"snapshot_id": params.snapshot_id, **before, **now})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("Its name and description are as they were."))
