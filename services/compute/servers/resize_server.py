"""Give a server another flavor. It then waits for a decision: confirm or revert."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds.openstack import servers
from portal.ui.commands import Command
from projects.actions import quota
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Failed, Outcome, Refusal, Step, Thing, Wait, name_of
from services.compute.models import Flavor, Server
from services.compute.servers import one_server
from services.compute.servers.one_server import OneServer, begin, server_of, undone
from services.compute.servers.resizing import too_small
from services.images.models import Image
from services.openstack.actions import Run
from services.openstack.servers import look, note_of
from services.openstack.words import Measure


class Params(one_server.Params):
    """Which server, and the flavor that it gets, by their ids."""

    flavor_id: str


class ResizeServer(OneServer[Params]):
    """Moves a server into a larger or smaller flavor. It is restarted by it."""

    name = "resize-server"
    params = Params
    label = gettext_lazy("Resize server")
    icon = "scaling"
    asked = gettext_lazy("Resize %(server)s to %(flavor)s")
    done = gettext_lazy("Resized %(server)s to %(flavor)s")
    states = ("ACTIVE", "SHUTOFF")
    only = gettext_lazy("Only a running or stopped server can be resized.")
    measures = (Measure.VCPUS, Measure.RAM_MB)
    patience = timedelta(minutes=30)  # the disk may have to be copied to another host

    def words(self, params: Params, names: Mapping[str, str]) -> dict[str, str]:
        return {**super().words(params, names), "flavor": name_of(names, params.flavor_id)}

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Flavor, params.flavor_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        hint = _("Then it waits for you to confirm or revert.")
        return (
            Step("resize", _("Move it into %(flavor)s") % words, _("Asked for it")),
            Step("see", _("See it in %(flavor)s") % words, _("It is in %(flavor)s") % words, hint),
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        server = server_of(tenant, params.server_id)
        flavor = Flavor.objects.filter(tenant=tenant, external_id=params.flavor_id).first()
        if server is None or flavor is None:
            return dict.fromkeys(self.measures, 0)
        return {
            Measure.VCPUS: max(0, flavor.vcpus - server.vcpus),
            Measure.RAM_MB: max(0, flavor.ram_mb - server.ram_mb),
        }

    def wrong(self, server: Server, params: Params) -> Iterable[Refusal]:
        tenant = server.tenant
        flavor = Flavor.objects.filter(tenant=tenant, external_id=params.flavor_id).first()
        if flavor is None:
            yield Refusal("flavor_id", _("There is no such flavor here."))
            return
        if flavor.name == server.flavor_name:
            yield Refusal("flavor_id", _("%(server)s has this flavor already.") % {"server": server})
            return
        image = Image.objects.filter(tenant=tenant, external_id=server.image_id).first() if server.image_id else None
        yield from too_small(flavor, server, image)
        fields = dict.fromkeys(self.measures, "flavor_id")
        yield from quota.too_much(tenant, self.costs(tenant, params), fields)

    def step(self, run: Run, params: Params) -> Outcome:
        server = look(run, params.server_id)
        wanted = run.operation.name_of(params.flavor_id)
        there = params.flavor_id == server.flavor_id or wanted == server.flavor_name
        if there and server.status != "RESIZE" and not server.task_state:
            run.at("see")
            waits = server.status == "VERIFY_RESIZE"
            return Done(_("It waits for you: confirm the resize, or revert it.") if waits else "")
        if server.status == "VERIFY_RESIZE":
            said = _("Another resize waits for a decision. Confirm or revert it first. Nothing was changed.")
            return Failed(said, code="wrong_state")
        if run.done("resize") and (server.task_state or server.status == "RESIZE"):
            run.at("see", note_of(server))
            return Wait(0.5, note_of(server))
        began = begin(
            run, server, "resize", self.states, lambda: servers.resize(run.cloud, params.server_id, params.flavor_id)
        )
        failed = _("%(place)s could not move the server into %(flavor)s. It has the flavor that it had.")
        return began or undone(run, server, "resize", failed % {"place": run.place, "flavor": wanted})

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("server resize", [("--flavor", words["flavor"])], [words["server"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("revert-resize", {"server_id": params.server_id})
