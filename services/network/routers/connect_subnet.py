"""Connect a subnet to a router."""

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
    """Which subnet goes to which router, by their ids."""

    router_id: str
    subnet_id: str


class ConnectSubnet(Action[Params]):
    """Has a router join a subnet, at its gateway address."""

    name = "connect-subnet"
    params = Params
    label = gettext_lazy("Connect subnet")
    icon = "plug"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Connect %(subnet)s to router %(router)s") % joined(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Connected %(subnet)s to router %(router)s") % joined(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return Thing(Router, params.router_id), Thing(Subnet, params.subnet_id)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        words = joined(params, names)
        return [Step("connect", _("Connect %(subnet)s") % words, _("Connected %(subnet)s") % words)]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        router = lookups.router_of(tenant, params.router_id)
        subnet = lookups.subnet_of(tenant, params.subnet_id)
        network = lookups.network_of(tenant, subnet.network_id) if subnet else None
        if router is None:
            yield lookups.no_router()
        if subnet is None or network is None:
            yield lookups.no_subnet()
        elif foreign := list(lookups.not_ours(network, "subnet_id")):
            yield from foreign
        elif router is not None:
            yield from routing.connectable(tenant, router, subnet, "subnet_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("connect")
        return routing.connect(run, params.router_id, params.subnet_id) or Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = joined(params, names)
        return [[["router", "add", "subnet"], [words["router"], words["subnet"]]]]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask("disconnect-subnet", params.model_dump())

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "connect", _("The subnet is not connected."))
