"""Save a server as an image."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from clouds.openstack import images, servers
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Wait
from services.compute.models import Server
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer
from services.images.models import Image
from services.openstack.actions import Run
from services.openstack.servers import look, note_of
from services.openstack.words import Service


class Params(one_server.Params):
    """Which server, and what the image is called."""

    name: str = Field(min_length=1, max_length=255)


class CreateImage(OneServer[Params]):
    """Saves a server's disk as an image, from which others can be made. Of one on a volume, its volumes' snapshots."""

    name = "create-image"
    params = Params
    label = gettext_lazy("Take a snapshot")
    icon = "camera"
    asked = gettext_lazy("Save %(server)s as image %(name)s")
    done = gettext_lazy("Saved %(server)s as image %(name)s")
    services = (Service.COMPUTE, Service.IMAGE)
    states = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED")
    only = gettext_lazy("Only a server that runs or is stopped can be saved as an image.")
    minds_lock = False
    patience = timedelta(hours=1)  # as long as the upload of a disk takes

    def wrong(self, server: Server, params: Params) -> Iterable[Refusal]:
        if not params.name.isprintable():
            yield Refusal("name", _("A name has no line breaks and no control characters."))

    def words(self, params: Params, names: Mapping[str, str]) -> dict[str, str]:
        return {**super().words(params, names), "name": params.name}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("create", _("Begin the image"), _("Began the image")),
            Step("save", _("Save the disk"), _("Saved the disk"), _("A large disk takes minutes. The server runs on.")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        run.at("create", note_of(server))
        if server.task_state and "image_id_sent_at" not in run.memory:
            return Wait(note=note_of(server))
        image_id = run.create_once(
            "image_id",
            find=lambda: [one.external_id for one in images.find_marked(run.cloud, run.mark)],
            create=lambda: servers.create_image(run.cloud, params.server_id, params.name, run.mark),
        )
        if image_id is None:
            return Wait(2, _("Looks whether the request has arrived."))
        run.at("save", note_of(server))
        lost = _("%(place)s did not save the image. The server is as it was.") % {"place": run.place}
        try:
            image = images.get(run.cloud, image_id)
        except errors.NotFound:
            run.gone(Image, image_id)
            return Failed(lost, code="not_saved")  # nova deletes an image that it could not save
        run.made(Image, image_id, image.name)
        run.saw(image)
        if image.status in ("killed", "deleted", "pending_delete"):
            return Failed(lost, code="not_saved")
        if image.status != "active" or server.task_state.startswith("image_"):
            return Wait(0.5, _("The cloud says: %(state)s") % {"state": image.status})
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("server image create", [("--name", words["name"])], [words["server"]])]

    def stands(self, operation: Operation, params: Params) -> str:
        if "image_id" in operation.memory:
            return _("The image %(name)s was begun; the cloud goes on with it.") % {"name": params.name}
        return standing.not_made(operation, "image_id", params.name)
