"""Attach a volume to a server."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import servers, volumes
from portal.ui.commands import Command
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Failed, Outcome, Refusal, Step, Wait
from services.block_storage.volumes.attaching import at_work, attachable, device_of, see_both
from services.block_storage.volumes.one_attachment import OneAttachment
from services.block_storage.volumes.one_attachment import Params as Params
from services.block_storage.volumes.storage import no_volume, volume_of
from services.compute.models import Server
from services.openstack.actions import Run

# The cloud took it on, and the volume is still free: after so many seconds it has given up.
GIVES_UP = 10.0
# So often it is asked for anew then: nova lets go of a volume that comes in the middle of a hard reboot
# (ComputeManager._delete_dangling_bdms).
_ANEW = 2


class AttachVolume(OneAttachment):
    """Makes a volume a disk of a server, which sees it at once."""

    name = "attach-volume"
    label = gettext_lazy("Attach volume")
    icon = "plug"
    asked = gettext_lazy("Attach %(volume)s to %(server)s")
    done = gettext_lazy("Attached %(volume)s to %(server)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return (
            Step("attach", _("Attach to %(server)s") % words, _("Asked for it")),
            Step("see", _("See it in use"), _("It is in use"), _("Done when the cloud reports in-use")),
        )

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        volume = volume_of(tenant, params.volume_id)
        server = Server.objects.filter(tenant=tenant, external_id=params.server_id).first()
        if volume is None:
            yield no_volume()
        if server is None:
            yield Refusal("server_id", _("There is no such server here."))
        if volume is not None and server is not None:
            yield from attachable(volume, server)

    def step(self, run: Run, params: Params) -> Outcome:
        if run.is_first and _at_once(run, params):
            return Wait(0)
        volume = volumes.get(run.cloud, params.volume_id)
        here = any(one.server_id == params.server_id for one in volume.attachments)
        if here and volume.status == "in-use":
            run.at("see")
            see_both(run, volume, params.server_id)
            device = device_of(volume, params.server_id)
            return Done(_("In use as %(device)s") % {"device": device} if device else "")
        run.saw(volume)
        run.at("see" if here else "attach")
        state = _("The cloud says: %(state)s") % {"state": volume.status}
        if here or volume.status in ("attaching", "reserved"):
            return Wait(note=state)
        if volume.status != "available" and not (volume.multiattach and volume.status == "in-use"):
            return Failed(_("The volume can't be attached now. %(state)s. Nothing was changed.") % {"state": state})
        if run.done("attach"):
            if run.age("attach") < GIVES_UP:
                return Wait(note=state)
            if (tries := run.memory.get("anew", 0)) < _ANEW:
                run.forget("attach", anew=tries + 1)
                return Wait(0)
            return Failed(_("%(place)s took it on and did not attach the volume.") % {"place": run.place})
        try:
            run.send("attach", lambda: servers.attach_volume(run.cloud, params.server_id, params.volume_id))
        except errors.Conflict:
            if wait := at_work(run, params.server_id):
                return wait
            raise
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("server add volume", things=[words["server"], words["volume"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("detach-volume", params.model_dump())


def _at_once(run: Run, params: Params) -> bool:
    """Attach without a look: the inventory said yes a moment ago, and nova refuses what is not so any more.

    False when it refuses: then it is looked why.
    """
    run.at("attach")
    try:
        run.send("attach", lambda: servers.attach_volume(run.cloud, params.server_id, params.volume_id))
    except (errors.Conflict, errors.Invalid, errors.NotFound):
        return False
    return True


def _send(run: Run, params: Params) -> None:
    run.send("attach", lambda: servers.attach_volume(run.cloud, params.server_id, params.volume_id))
