"""Give a snapshot another name or description."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import snapshots
from portal.ui.commands import Command
from projects.actions import editing, outcome_unknown
from projects.actions.edit_thing import EditThing
from projects.models import Operation
from projects.outcomes import Outcome, Thing, name_of
from services.block_storage.models import Snapshot
from services.block_storage.snapshots import one_snapshot
from services.block_storage.snapshots.one_snapshot import OneSnapshot
from services.openstack.actions import Run


class Params(one_snapshot.Params, editing.Words):
    """A snapshot's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditSnapshot(EditThing[Params, Snapshot], OneSnapshot[Params]):
    """Changes what a snapshot is called."""

    name = "edit-snapshot"
    params = Params
    label = gettext_lazy("Edit snapshot")
    renames = gettext_lazy("Rename snapshot %(was)s to %(name)s")
    renamed = gettext_lazy("Renamed snapshot %(was)s to %(name)s")
    describes = gettext_lazy("Describe snapshot %(name)s")
    described = gettext_lazy("Described snapshot %(name)s")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Snapshot, params.snapshot_id)):
            return wait
        snapshot = snapshots.get(run.cloud, params.snapshot_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, snapshot, lambda: snapshots.update(run.cloud, params.snapshot_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("volume snapshot set", params.changed(), [name_of(names, params.snapshot_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return outcome_unknown.unchanged(operation, _("Its name and description are as they were."))
