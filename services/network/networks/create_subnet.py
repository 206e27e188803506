"""Create a subnet in a network."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.actions import quota
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Wait, name_of
from services.network.models import Network, Subnet
from services.network.networks import addressing, one_network
from services.network.networks.addressing import SubnetParams
from services.network.networks.one_network import OneNetwork
from services.network.routers import routing
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure


class Params(one_network.Params, SubnetParams):
    """A subnet's name and addresses, and the network that it is of."""

    name: str = Field("", max_length=255)


class CreateSubnet(OneNetwork[Params]):
    """Gives a network more addresses."""

    name = "create-subnet"
    params = Params
    label = gettext_lazy("Create subnet")
    icon = "network"
    measures = (Measure.SUBNETS,)
    asked = gettext_lazy("Create subnet %(subnet)s in %(network)s")
    done = gettext_lazy("Created subnet %(subnet)s in %(network)s")

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "subnet": _name(params)}

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("subnet", _("Create the subnet"), _("Created the subnet"))]

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.SUBNETS: 1}

    def refusals_of_ours(self, tenant: Tenant, network: Network, params: Params) -> Iterable[Refusal]:
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.SUBNETS: "name"})
        yield from addressing.check(params)
        there = Subnet.objects.filter(tenant=tenant, network_id=params.network_id)
        yield from addressing.check_room(params, there, _("which is in %(network)s too") % {"network": network})

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("subnet")
        subnet = routing.make_subnet(run, params.network_id, params.name, params)
        return subnet if isinstance(subnet, Wait) else Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        network = ("--network", name_of(names, params.network_id))
        return [Command("subnet create", [network, *params.options], [_name(params)])]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields = {"name": params.name, "network_id": params.network_id, **params.terraform}
        return terraform.resource("openstack_networking_subnet_v2", _name(params), fields)

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.memory.get("subnet_id"):
            return _("The subnet %(subnet)s was made and is kept.") % {"subnet": _name(params)}
        return standing.not_made(operation, "subnet_id", _name(params))


def _name(params: Params) -> str:
    return params.name or params.cidr
