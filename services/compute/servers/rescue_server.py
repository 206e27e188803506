"""Boot a server into rescue mode, to repair its disk from another system."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from portal.ui.commands import Command, given
from projects.models import Tenant
from projects.outcomes import Ends, Lot, Refusal, Thing, name_of
from services.compute.models import Server
from services.compute.servers import one_server
from services.compute.servers.changing_state import ChangingState
from services.images.models import Image
from services.openstack.actions import Run


class Params(one_server.Params):
    """Which server, and the image that it boots from meanwhile; empty: the one that it was made from."""

    image_id: str = ""


class RescueServer(ChangingState[Params]):
    """Stops a server and boots it from an image. Its own disk is there as a second one, to be repaired."""

    name = "rescue-server"
    params = Params
    label = gettext_lazy("Rescue server")
    icon = "life-buoy"
    asked = gettext_lazy("Boot %(server)s into rescue mode")
    done = gettext_lazy("Booted %(server)s into rescue mode")
    undone_by = "unrescue-server"
    starts_again = True
    states = ("ACTIVE", "SHUTOFF", "ERROR")
    only = gettext_lazy("Only a running or stopped server, or one in an error, can be rescued.")
    reached = ("RESCUE",)
    doing = gettext_lazy("Boot it from the image")
    seeing = (gettext_lazy("See it in rescue mode"), gettext_lazy("It is in rescue mode"))
    seen_when = gettext_lazy("Done when the cloud reports rescue mode")
    failed = gettext_lazy("%(place)s accepted the request but did not boot the server into rescue mode.")

    def wrong(self, server: Server, params: Params) -> Iterable[Refusal]:
        if not server.image_id:
            said = _("It boots from a volume. Rescue mode from here is for servers with a disk of their own.")
            yield Refusal("server_id", said)
        elif params.image_id:
            yield from no_image(server.tenant, params.image_id)

    def ends_of(self, thing: Server, params: Params) -> Ends:
        return Ends(
            lost=[Lot(_("What runs on it"), _("It is stopped, and what was not written to its disk is lost"))],
            kept=[
                Lot(_("Its disk"), _("There as a second disk while in rescue mode")),
                Lot(_("Its addresses and volumes"), _("They stay")),
            ],
        )

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Image, params.image_id)] if params.image_id else []

    def request(self, run: Run, params: Params) -> str:
        return servers.rescue(run.cloud, params.server_id, params.image_id)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        image = name_of(names, params.image_id) if params.image_id else ""
        return [Command("server rescue", given(("--image", image)), [self.words(params, names)["server"]])]


def no_image(tenant: Tenant, image_id: str) -> Iterable[Refusal]:
    """Say why an image can't be booted from."""
    image = Image.objects.filter(tenant=tenant, external_id=image_id).first()
    if image is None:
        yield Refusal("image_id", _("There is no such image here."))
    elif image.status != "active":
        yield Refusal("image_id", _("The image is not ready to be used."))
