"""Give a volume another name or description."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import volumes
from portal.ui.commands import Command
from projects.actions import editing, outcome_unknown
from projects.actions.edit_thing import EditThing
from projects.models import Operation
from projects.outcomes import Outcome, Thing, name_of
from services.block_storage.models import Volume
from services.block_storage.volumes import one_volume
from services.block_storage.volumes.one_volume import OneVolume
from services.openstack.actions import Run


class Params(one_volume.Params, editing.Words):
    """A volume's new name and description; `was_…` as they were when the person began to edit them."""

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=255)


class EditVolume(EditThing[Params, Volume], OneVolume[Params]):
    """Changes what a volume is called."""

    name = "edit-volume"
    params = Params
    label = gettext_lazy("Edit volume")
    renames = gettext_lazy("Rename volume %(was)s to %(name)s")
    renamed = gettext_lazy("Renamed volume %(was)s to %(name)s")
    describes = gettext_lazy("Describe volume %(name)s")
    described = gettext_lazy("Described volume %(name)s")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("write")
        if wait := editing.wait_for_earlier(run, Thing(Volume, params.volume_id)):
            return wait
        volume = volumes.get(run.cloud, params.volume_id)
        words = {"name": params.name, "description": params.description}
        return editing.write(run, params, volume, lambda: volumes.update(run.cloud, params.volume_id, **words))

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("volume set", params.changed(), [name_of(names, params.volume_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return outcome_unknown.unchanged(operation, _("Its name and description are as they were."))
