"""Lead a router outside."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import routers
from projects.actions import base
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Service, Tenant
from projects.outcomes import Ask, Command, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import Network, Router
from services.network.networks import lookups
from services.network.routers import routing
from services.openstack.actions import Run


class Params(base.Params):
    """Which router, and the external network that it shall lead to."""

    router_id: str
    external_network_id: str


class SetRouterGateway(Action[Params]):
    """Gives a router a way outside, for all networks that it joins."""

    name = "set-router-gateway"
    params = Params
    label = gettext_lazy("Lead outside")
    icon = "globe"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Lead router %(router)s to %(outside)s") % _said(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Led router %(router)s to %(outside)s") % _said(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Router, params.router_id)]

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.external_network_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = _said(params, names)
        return [Step("set", _("Lead it to %(outside)s") % words, _("It leads to %(outside)s") % words)]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        router = lookups.router_of(tenant, params.router_id)
        network = lookups.network_of(tenant, params.external_network_id)
        if router is None:
            yield lookups.no_router()
        if network is None or not network.external:
            yield Refusal("external_network_id", _("There is no such network outside."))
        elif router is not None:
            if router.external_network_id == network.external_id:
                said = _("%(router)s leads to %(outside)s already.")
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
            return Done(_("It was done, and somebody has changed where it leads since."))
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
        words = _said(params, names)
        return [[["router", "set"], ["--external-gateway", words["outside"]], [words["router"]]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.memory.get("was", "")
        if was == params.external_network_id:
            return None
        if was:
            return Ask(self.name, {"router_id": params.router_id, "external_network_id": was})
        return Ask("clear-router-gateway", {"router_id": params.router_id})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "set", _("The router leads where it led before."))


def _said(params: Params, names: Mapping[str, str]) -> dict[str, str]:
    return {"router": name_of(names, params.router_id), "outside": name_of(names, params.external_network_id)}
