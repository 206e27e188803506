"""Give a volume another name or description."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import volumes
from projects.actions import editing
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.outcomes import Ask, Command, Outcome, Refusal, Step, Thing, name_of
from services.block_storage.models import Volume
from services.block_storage.volumes import one_volume
from services.block_storage.volumes.one_volume import OneVolume
from services.openstack.actions import Run


class Params(one_volume.Params, editing.Words):
    """A volume's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditVolume(OneVolume[Params]):
    """Changes what a volume is called."""

    name = "edit-volume"
    params = Params
    label = gettext_lazy("Edit volume")
    icon = "pencil"

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.volume_id)
        if params.name != was:
            return _("Rename volume %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Describe volume %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        was = name_of(names, params.volume_id)
        if params.name != was:
            return _("Renamed volume %(was)s to %(name)s") % {"was": was, "name": params.name}
        return _("Described volume %(name)s") % {"name": params.name}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("write", _("Write it"), _("Written"))]

    def refusals(self, volume: Volume, params: Params) -> Iterable[Refusal]:
        if (volume.name, volume.description) == params.wanted:
            yield Refusal("", _("This is what it is called already."))
        elif params.changed_meanwhile(volume):
            yield Refusal("", editing.meanwhile(volume))

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Volume, params.volume_id)):
            return wait
        volume = volumes.get(run.cloud, params.volume_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, volume, lambda: volumes.update(run.cloud, params.volume_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["volume", "set"], *params.changed(), [name_of(names, params.volume_id)]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        if params.was_name is None or params.was_description is None:
            return None
        before = {"name": params.was_name, "description": params.was_description}
        now = {"was_name": params.name, "was_description": params.description}
        return Ask(self.name, {"volume_id": params.volume_id, **before, **now})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("Its name and description are as they were."))
