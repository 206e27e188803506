"""Disconnect a subnet from a router."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Service, Tenant
from projects.outcomes import Ask, Command, Done, Outcome, Refusal, Step, Thing
from services.network.models import Router, Subnet
from services.network.networks import lookups
from services.network.routers import routing
from services.network.routers.routing import joined
from services.openstack.actions import Run


class Params(base.Params):
    """Which subnet leaves which router, by their ids."""

    router_id: str
    subnet_id: str


class DisconnectSubnet(Action[Params]):
    """Takes a router out of a subnet, whose servers then reach each other only."""

    name = "disconnect-subnet"
    params = Params
    label = gettext_lazy("Disconnect subnet")
    icon = "unplug"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Disconnect %(subnet)s from router %(router)s") % joined(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Disconnected %(subnet)s from router %(router)s") % joined(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return Thing(Router, params.router_id), Thing(Subnet, params.subnet_id)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = joined(params, names)
        return [Step("disconnect", _("Disconnect %(subnet)s") % words, _("Disconnected %(subnet)s") % words)]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        router = lookups.router_of(tenant, params.router_id)
        subnet = lookups.subnet_of(tenant, params.subnet_id)
        if router is None:
            yield lookups.no_router()
        if subnet is None:
            yield lookups.no_subnet()
        if router is None or subnet is None:
            return
        if subnet.external_id not in {one.external_id for one in lookups.subnets_joined(tenant, router.external_id)}:
            words = {"subnet": str(subnet), "router": str(router)}
            yield Refusal("subnet_id", _("%(router)s is not in %(subnet)s.") % words)
            return
        floating = lookups.through(tenant, router.external_id, [subnet])
        yield from lookups.leads_in(floating, router, "subnet_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("disconnect")
        return routing.disconnect(run, params.router_id, params.subnet_id) or Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = joined(params, names)
        return [[["router", "remove", "subnet"], [words["router"], words["subnet"]]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("connect-subnet", params.model_dump())

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "disconnect", _("The subnet is still connected."))
