"""Detach a volume from a server."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import servers, volumes
from portal.ui.commands import Command
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Ends, Failed, Lot, Outcome, Refusal, Step, Wait
from services.block_storage.volumes.attaching import at_work, changeable, see_both
from services.block_storage.volumes.one_attachment import OneAttachment, Params
from services.block_storage.volumes.saying import size_of
from services.block_storage.volumes.storage import no_volume, volume_of
from services.block_storage.volumes.stuck import has_server
from services.compute.models import Server
from services.openstack.actions import Run

# The cloud took it on, and nothing moves: the guest holds on to the disk, or the cloud has given up.
GIVES_UP = 60.0


class DetachVolume(OneAttachment):
    """Takes a disk away from a server. The data on it stays."""

    name = "detach-volume"
    label = gettext_lazy("Detach volume")
    icon = "unplug"
    asked = gettext_lazy("Detach %(volume)s from %(server)s")
    done = gettext_lazy("Detached %(volume)s from %(server)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return (
            Step("detach", _("Detach from %(server)s") % words, _("Asked for it")),
            Step("see", _("See it free"), _("It is free"), _("Done when the cloud reports it as available")),
        )

    def ends(self, tenant: Tenant, params: Params) -> Ends:
        volume = volume_of(tenant, params.volume_id)
        if volume is None:
            return Ends()
        return Ends(kept=[Lot(str(volume), _("%(size)s, with all that is on it") % {"size": size_of(volume)})])

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        volume = volume_of(tenant, params.volume_id)
        server = Server.objects.filter(tenant=tenant, external_id=params.server_id).first()
        if volume is None:
            yield no_volume()
        elif not any(one["server_id"] == params.server_id for one in volume.attachments):
            yield Refusal("volume_id", _("%(volume)s is not attached to this server.") % {"volume": volume})
        elif server is None:
            yield from has_server(volume)
        if volume is not None and server is not None:
            yield from changeable(server)
            if volume.bootable and any(
                one["id"] == volume.external_id and one["device"].endswith("da") for one in server.volumes
            ):
                said = _("%(server)s boots from %(volume)s, so it can't be detached.")
                yield Refusal("volume_id", said % {"server": server, "volume": volume})

    def step(self, run: Run, params: Params) -> Outcome:
        volume = volumes.get(run.cloud, params.volume_id)
        if not any(one.server_id == params.server_id for one in volume.attachments):
            run.at("see")
            see_both(run, volume, params.server_id)
            return Done()
        run.saw(volume)
        run.at("detach", _("The cloud says: %(state)s") % {"state": volume.status})
        if volume.status == "detaching":
            return Wait()
        if run.done("detach"):
            if run.age("detach") < GIVES_UP:
                return Wait(0.5)
            said = _("%(place)s took it on and did not detach the volume. Unmount it on the server and try again.")
            return Failed(said % {"place": run.place})
        try:
            detach = partial(servers.detach_volume, run.cloud, params.server_id, params.volume_id)
            run.send_unless(errors.NotFound, "detach", detach)
        except errors.Conflict:
            if wait := at_work(run, params.server_id):
                return wait
            raise
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("server remove volume", things=[words["server"], words["volume"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("attach-volume", params.model_dump())
