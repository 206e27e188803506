"""Write an image over a server's disk. What makes it this server stays: id, addresses, volumes, key pair."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from clouds.openstack.inventory import compute
from portal.ui import formats
from portal.ui.commands import Command
from projects.outcomes import Done, Ends, Failed, Lot, Outcome, Refusal, Step, Thing, Wait, name_of
from services.compute.models import Server
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer, came_of, once
from services.compute.servers.rescue_server import no_image
from services.images.models import Image
from services.openstack.actions import Run
from services.openstack.servers import look, note_of

# So many seconds nova's record may take to say how it went, when the server is at nothing any more.
_RECORDED = 60.0


class Params(one_server.Params):
    """Which server, and the image that is written over its disk."""

    image_id: str


class RebuildServer(OneServer[Params]):
    """Writes an image over a server's disk, and starts it if it was running. All that was on the disk is lost."""

    name = "rebuild-server"
    params = Params
    label = gettext_lazy("Rebuild server")
    icon = "refresh-cw"
    asked = gettext_lazy("Rebuild %(server)s from %(image)s")
    done = gettext_lazy("Rebuilt %(server)s from %(image)s")
    states = ("ACTIVE", "SHUTOFF", "ERROR")
    only = gettext_lazy("Only a running or stopped server, or one in an error, can be rebuilt.")
    patience = timedelta(minutes=30)
    cancellable = False

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "image": name_of(names, params.image_id)}

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Image, params.image_id)]

    def wrong(self, server: Server, params: Params) -> Iterable[Refusal]:
        if not server.image_id:
            said = _("It boots from a volume. Create a new server with a new volume instead.")
            yield Refusal("server_id", said)
        else:
            yield from no_image(server.tenant, params.image_id)
            image = Image.objects.filter(tenant=server.tenant, external_id=params.image_id).first()
            yield from too_large(server, image) if image is not None else ()

    def ends_of(self, thing: Server, params: Params) -> Ends:
        disk = _("%(n)s GB, with all that is on it") % {"n": thing.disk_gb}
        return Ends(
            lost=[Lot(_("What is on its disk"), disk)],
            kept=[
                Lot(_("Its id, name, addresses and security groups"), _("They stay")),
                Lot(_("Its volumes"), _("They stay attached, with what is on them")),
                Lot(_("Its key pair and user data"), _("The new system gets them again")),
            ],
        )

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("rebuild", _("Rebuild it"), _("Request accepted")),
            Step("see", _("See the image written"), _("The image was written")),
        )

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        if not run.done("sent"):
            return self._send(run, server, params)
        run.at("see", note_of(server))
        if server.task_state or server.status == "REBUILD":
            return Wait(note=note_of(server))
        well = came_of(run, params.server_id)
        if well is None and servers.tells_how_it_went(run.cloud) and run.age("sent_sent_at") < _RECORDED:
            return Wait(0.5, note_of(server))
        if server.status == "ERROR" or well is False:
            said = _("%(place)s accepted the request but did not rebuild the server. Its disk may be overwritten.")
            return Failed(said % {"place": run.place}, server.fault)
        return Done()

    def _send(self, run: Run, server: compute.Server, params: Params) -> Outcome:
        run.at("rebuild", note_of(server))
        if server.task_state:
            return Wait(note=note_of(server))
        if server.status not in self.states and not run.memory.get("sent_sent_at"):
            said = _("The server can't be rebuilt now. %(state)s. Nothing was changed.")
            return Failed(said % {"state": note_of(server)}, server.fault, "wrong_state")
        wait = once(run, server, "rebuild", lambda: servers.rebuild(run.cloud, params.server_id, params.image_id))
        return wait or Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("server rebuild", [("--image", words["image"])], [words["server"]])]


def too_large(server: Server, image: Image) -> Iterable[Refusal]:
    """Say why an image does not fit into a server."""
    words = {"image": str(image), "server": str(server)}
    if image.min_disk_gb > server.disk_gb:
        said = _("%(image)s needs a disk of %(least)s GB, and %(server)s has %(has)s GB.")
        yield Refusal("image_id", said % {**words, "least": image.min_disk_gb, "has": server.disk_gb})
    if image.min_ram_mb > server.ram_mb:
        least, has = formats.mebibytes(image.min_ram_mb), formats.mebibytes(server.ram_mb)
        said = _("%(image)s needs %(least)s of memory, and %(server)s has %(has)s.")
        yield Refusal("image_id", said % {**words, "least": least, "has": has})
