"""Create a subnet in a network."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from projects.actions import outcome_unknown as standing
from projects.actions import quota
from projects.actions.base import Action
from projects.models import Measure, Operation, Service, Tenant
from projects.outcomes import Command, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import Network, Subnet
from services.network.networks import addressing, lookups
from services.network.networks.addressing import SubnetParams
from services.network.routers import routing
from services.openstack import terraform
from services.openstack.actions import Run


class Params(SubnetParams):
    """A subnet's name and addresses, and the network that it is of."""

    network_id: str
    name: str = Field("", max_length=255)


class CreateSubnet(Action[Params]):
    """Gives a network more addresses."""

    name = "create-subnet"
    params = Params
    label = gettext_lazy("Create subnet")
    icon = "network"
    services = (Service.NETWORK,)
    measures = (Measure.SUBNETS,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Create subnet %(subnet)s in %(network)s") % _said(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Created subnet %(subnet)s in %(network)s") % _said(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.network_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("subnet", _("Create the subnet"), _("Created the subnet"))]

    def costs(self, tenant: Tenant, params: Params) -> Mapping[Measure, int]:
        return {Measure.SUBNETS: 1}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        network = lookups.network_of(tenant, params.network_id)
        if network is None:
            yield lookups.no_network()
            return
        yield from lookups.not_ours(network)
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.SUBNETS: "name"})
        yield from addressing.check(params)
        there = Subnet.objects.filter(tenant=tenant, network_id=params.network_id)
        yield from addressing.check_room(params, there, _("which is in %(network)s too") % {"network": network})

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("subnet")
        subnet = routing.make_subnet(run, params.network_id, params.name, params)
        return subnet if isinstance(subnet, Wait) else Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        network = ["--network", name_of(names, params.network_id)]
        return [[["subnet", "create"], network, *params.options, [_name(params)]]]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields = {"name": params.name, "network_id": params.network_id, **params.terraform}
        return terraform.resource("openstack_networking_subnet_v2", _name(params), fields)

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.memory.get("subnet_id"):
            return _("The subnet %(subnet)s was made and is kept.") % {"subnet": _name(params)}
        return standing.not_made(operation, "subnet_id", _name(params))


def _name(params: Params) -> str:
    return params.name or params.cidr


def _said(params: Params, names: Mapping[str, str]) -> dict[str, str]:
    return {"subnet": _name(params), "network": name_of(names, params.network_id)}
