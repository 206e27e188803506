"""Remove a router's external gateway."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import routers
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Ends, Lot, Outcome, Refusal, Step, Wait, name_of
from services.network.models import Router
from services.network.networks import lookups
from services.network.routers import routing
from services.network.routers.one_router import OneRouter, Params, subnets_kept
from services.openstack.actions import Run


class ClearRouterGateway(OneRouter[Params]):
    """Cuts the networks of a router off from the internet."""

    name = "clear-router-gateway"
    params = Params
    label = gettext_lazy("Remove external gateway")
    icon = "unplug"
    asked = gettext_lazy("Remove the external gateway of router %(router)s")
    done = gettext_lazy("Removed the external gateway of router %(router)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("clear", _("Remove the external gateway"), _("The external gateway is removed"))]

    def ends_of(self, thing: Router, params: Params) -> Ends:
        small = _("Its external address. A new gateway gets a different one")
        return Ends([Lot(one, small) for one in thing.external_addresses], subnets_kept(thing))

    def refusals(self, tenant: Tenant, router: Router, params: Params) -> Iterable[Refusal]:
        if not router.external_network_id:
            yield Refusal("router_id", _("%(router)s has no external gateway.") % {"router": router})
        else:
            yield from lookups.leads_in(lookups.through(tenant, router.external_id), router, "router_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("clear")
        router = routers.get(run.cloud, params.router_id)
        if "was" not in run.memory:
            run.remember(was=router.external_network_id)
        run.saw(router)
        if not router.external_network_id:
            return Done()
        if run.done("clear"):
            return Done(_("It was done, and somebody has changed the external gateway since."))
        try:
            router = run.send("clear", lambda: routers.clear_gateway(run.cloud, params.router_id))
        except errors.Conflict as error:
            if not routing.is_needed(error):
                raise
            return routing.needed(error)
        run.saw(router)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("router unset", ["--external-gateway"], [name_of(names, params.router_id)])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.memory.get("was", "")
        # It gets another address outside than it had.
        return Ask("set-router-gateway", {"router_id": params.router_id, "external_network_id": was}) if was else None

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("The external gateway is unchanged."))
