"""Set the external gateway of a router."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import routers
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import Network, Router
from services.network.networks import lookups
from services.network.routers import one_router, routing
from services.network.routers.one_router import OneRouter
from services.openstack.actions import Run


class Params(one_router.Params):
    """Which router, and the external network of its new gateway."""

    external_network_id: str


class SetRouterGateway(OneRouter[Params]):
    """Connects a router, and the networks it is in, to an external network."""

    name = "set-router-gateway"
    params = Params
    label = gettext_lazy("Set external gateway")
    icon = "globe"
    asked = gettext_lazy("Set the external gateway of router %(router)s to %(outside)s")
    done = gettext_lazy("Set the external gateway of router %(router)s to %(outside)s")

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "outside": name_of(names, params.external_network_id)}

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.external_network_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return [
            Step("set", _("Set the gateway to %(outside)s") % words, _("The gateway is set to %(outside)s") % words)
        ]

    def refusals(self, tenant: Tenant, router: Router, params: Params) -> Iterable[Refusal]:
        network = lookups.network_of(tenant, params.external_network_id)
        if network is None or not network.external:
            yield Refusal("external_network_id", _("There is no such external network here."))
        elif router.external_network_id == network.external_id:
            said = _("%(outside)s is already the external gateway of %(router)s.")
            yield Refusal("external_network_id", said % {"router": str(router), "outside": str(network)})
        elif router.external_network_id:
            # Neutron would take the old way away with what leads through it.
            floating = lookups.through(tenant, router.external_id)
            yield from lookups.leads_in(floating, router, "external_network_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("set")
        router = routers.get(run.cloud, params.router_id)
        if "was" not in run.memory:
            run.remember(was=router.external_network_id)
        run.saw(router)
        if router.external_network_id == params.external_network_id:
            return Done(routing.outside_said(router))
        if run.done("set"):
            return Done(_("It was done, and somebody has changed the external gateway since."))
        try:
            router = run.send(
                "set", lambda: routers.set_gateway(run.cloud, params.router_id, params.external_network_id)
            )
        except errors.Conflict as error:
            if not routing.is_needed(error):
                raise
            return routing.needed(error)
        run.saw(router)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("router set", [("--external-gateway", words["outside"])], [words["router"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.memory.get("was", "")
        if was == params.external_network_id:
            return None
        if was:
            return Ask(self.name, {"router_id": params.router_id, "external_network_id": was})
        return Ask("clear-router-gateway", {"router_id": params.router_id})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("The external gateway is unchanged."))
