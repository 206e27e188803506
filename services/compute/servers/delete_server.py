"""Delete a server."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import floating_ips, servers, volumes
from clouds.openstack.inventory import compute
from portal.ui import formats
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.outcomes import Done, Ends, Failed, Lot, Outcome, Step, Thing, Wait, name_of
from services.block_storage.models import Volume
from services.compute.models import Server
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer, came_of
from services.network.models import FloatingIP
from services.openstack.actions import Run
from services.openstack.servers import look, note_of

# The cloud took it on, and nothing moves: after so many seconds it has given up.
GIVES_UP = 60.0
# So long a volume of the deleted server is waited for, until it is free or gone.
VOLUMES = timedelta(seconds=60)
_DELETING = ("deleting", "soft-deleting")
_DELETED = ("DELETED", "SOFT_DELETED")


class Params(one_server.Params):
    """Which server, and which of its floating IPs are given back with it; the others stay the project's."""

    floating_ip_ids: list[str] = []


class DeleteServer(OneServer[Params]):
    """Ends a server and its own disk. There is no way back."""

    name = "delete-server"
    params = Params
    label = gettext_lazy("Delete server")
    icon = "trash-2"
    asked = gettext_lazy("Delete server %(server)s")
    done = gettext_lazy("Deleted server %(server)s")
    patience = timedelta(minutes=20)

    def why_not(self, server: Server, params: Params | None = None) -> str:
        # Nova deletes in any state, at whatever it is.
        return _("It is locked. Unlock it first.") if server.locked else ""

    def things(self, params: Params) -> Sequence[Thing]:
        addresses = [Thing(FloatingIP, external_id) for external_id in params.floating_ip_ids]
        return [*super().things(params), *addresses]

    def ends_of(self, thing: Server, params: Params) -> Ends:
        lost = [Lot(str(thing), _sizes(thing))]
        if thing.image_id:
            lost.append(Lot(_("Its own disk"), _("%(n)s GB, with all that is on it") % {"n": thing.disk_gb}))
        kept = []
        volumes = _volumes_of(thing)
        for one in thing.volumes:
            volume = volumes.get(one["id"])
            name = _("Volume %(name)s") % {"name": volume or one["id"]}
            size = str(formats.gibibytes(volume.size_gb)) if volume else ""
            if one.get("delete_on_termination"):
                said = _("%(size)s, deleted with the server") % {"size": size} if size else _("Deleted with the server")
                lost.append(Lot(name, said))
            else:
                said = _("%(size)s, is detached") % {"size": size} if size else _("Is detached")
                kept.append(Lot(name, said))
        for address in FloatingIP.objects.filter(tenant=thing.tenant, server_id=thing.external_id):
            name = _("Floating IP %(address)s") % {"address": address.address}
            if address.external_id in params.floating_ip_ids:
                lost.append(Lot(name, _("Returned to the cloud. Another project may get it next.")))
            else:
                kept.append(Lot(name, _("Stays the project's, unless you release it")))
        return Ends(lost, kept)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        release = []
        if params.floating_ip_ids:
            words = {"addresses": ", ".join(name_of(names, one) for one in params.floating_ip_ids)}
            release = [Step("release", _("Release %(addresses)s") % words, _("Released %(addresses)s") % words)]
        return (
            Step("delete", _("Delete the server"), _("Asked for it")),
            Step("see", _("See it gone"), _("It is gone"), _("Done when the cloud does not know it any more")),
            *release,
        )

    def step(self, run: Run, params: Params) -> Outcome:
        try:
            server = look(run, params.server_id)
        except errors.NotFound:
            return self._gone(run, params)
        if server.status in _DELETED:  # kept for a while by the cloud, for its operator to restore
            return self._gone(run, params)
        if "volumes" not in run.memory:
            # What it leads to and has, which nobody tells when it is gone.
            run.remember(volumes=[one.id for one in server.volumes], led_to=_led_to(run, params))
        run.at("see" if run.done("delete") or server.task_state in _DELETING else "delete", note_of(server))
        if server.task_state in _DELETING:
            return Wait(note=note_of(server))
        if run.done("delete"):
            return _not_gone(run, server)
        run.send_unless(
            errors.NotFound, "delete", lambda: run.remember(request=servers.delete(run.cloud, params.server_id))
        )
        return Wait(0)

    def _gone(self, run: Run, params: Params) -> Outcome:
        run.at("see")
        run.gone(Server, params.server_id)
        if busy := _busy_volumes(run):
            return Wait(0.5, _("%(n)d of its volumes are still being freed.") % {"n": len(busy)})
        kept = _release(run, params)
        if kept:
            said = _("%(addresses)s leads elsewhere by now, and was not released.")
            return Done(said % {"addresses": ", ".join(kept)})
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        lines: list[Command] = [Command("server delete", ["--wait"], [self.words(params, names)["server"]])]
        lines += [Command("floating ip delete", things=[name_of(names, one)]) for one in params.floating_ip_ids]
        return lines

    def stands(self, operation: Operation, params: Params) -> str:
        if standing.asked(operation, "delete"):
            return _("The cloud may delete it all the same.")
        return _("The server is kept.")


def _led_to(run: Run, params: Params) -> dict[str, str]:
    """Return the port that each of the floating IPs leads to, before the server and its ports are gone."""
    found = {}
    for external_id in params.floating_ip_ids:
        try:
            found[external_id] = floating_ips.get(run.cloud, external_id).port_id
        except errors.NotFound:
            run.gone(FloatingIP, external_id)
    return found


def _not_gone(run: Run, server: compute.Server) -> Outcome:
    """Judge a server that is still there, when the cloud accepted the request and is not at it."""
    if came_of(run, server.external_id) is not False and run.age("delete") < GIVES_UP:
        return Wait(0.5, note_of(server))
    said = _("%(place)s took it on and did not delete the server.") % {"place": run.place}
    return Failed(said, server.fault)


def _busy_volumes(run: Run) -> list[str]:
    """Return the volumes of the server that are neither free nor gone yet; all of them are shown as they are."""
    busy = []
    for external_id in run.memory.get("volumes", []):
        try:
            volume = volumes.get(run.cloud, external_id)
        except errors.NotFound:
            run.gone(Volume, external_id)
            continue
        run.saw(volume)
        if volume.status in ("detaching", "deleting") or any(
            one.server_id == run.operation.params["server_id"] for one in volume.attachments
        ):
            busy.append(external_id)
    if busy and not run.done("freeing"):
        run.note_done("freeing")
    return busy if busy and run.age("freeing") < VOLUMES.total_seconds() else []


def _release(run: Run, params: Params) -> list[str]:
    """Give the floating IPs back; return the addresses of those that lead to something else by now, and are kept."""
    kept = []
    for external_id in params.floating_ip_ids:
        run.at("release")
        try:
            address = floating_ips.get(run.cloud, external_id)
            if address.port_id and address.port_id != run.memory.get("led_to", {}).get(external_id):
                run.saw(address)
                kept.append(address.address)
                continue
        except errors.NotFound:
            pass  # released already, by us before a crash or by somebody else
        else:
            release = partial(floating_ips.release, run.cloud, external_id)
            run.send_unless(errors.NotFound, f"release_{external_id}", release)
        run.gone(FloatingIP, external_id)
    return kept


def _volumes_of(server: Server) -> dict[str, Volume]:
    ids = [one["id"] for one in server.volumes]
    return {one.external_id: one for one in Volume.objects.filter(tenant=server.tenant, external_id__in=ids)}


def _sizes(server: Server) -> str:
    said = [server.flavor_name]
    if server.created_at is not None:
        words = {"time": formats.moment(server.created_at), "age": formats.age(server.created_at)}
        said.append(_("made %(time)s, %(age)s ago") % words)
    return ", ".join(one for one in said if one)
