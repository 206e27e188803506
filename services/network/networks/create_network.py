"""Create a network with its first subnet, and where wanted connect it to the internet."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from portal.ui.commands import Command, given, new_name
from projects.actions import outcome_unknown as standing
from projects.actions import quota
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import Network, Router
from services.network.networks import addressing, lookups
from services.network.networks.addressing import SubnetParams
from services.network.routers import routing
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure, Service


class Params(SubnetParams):
    """A network with one subnet. It reaches the internet by one of the project's routers, by a new one, or not."""

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=255)
    router_id: str = Field("", description="A router of the project to connect it to.")
    external_network_id: str = Field("", description="Where a new router leads that it is connected to.")

    @property
    def router_name(self) -> str:
        """What a new router is called."""
        return f"{self.name}-router"[:255]


class CreateNetwork(Action[Params]):
    """Makes a network that joins servers."""

    name = "create-network"
    params = Params
    label = gettext_lazy("Create network")
    icon = "network"
    services = (Service.NETWORK,)
    measures = (Measure.NETWORKS, Measure.SUBNETS, Measure.ROUTERS)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return self._said(
            params,
            names,
            _("Create network %(network)s"),
            _("Create network %(network)s and connect it to %(router)s"),
            _("Create network %(network)s with a new router to %(outside)s"),
        )

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return self._said(
            params,
            names,
            _("Created network %(network)s"),
            _("Created network %(network)s and connected it to %(router)s"),
            _("Created network %(network)s with a new router to %(outside)s"),
        )

    def _said(self, params: Params, names: Mapping[str, str], alone: str, joined: str, routed: str) -> str:
        words = {
            "network": params.name,
            "router": name_of(names, params.router_id),
            "outside": name_of(names, params.external_network_id),
        }
        return (joined if params.router_id else routed if params.external_network_id else alone) % words

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Router, params.router_id)] if params.router_id else []

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.external_network_id)] if params.external_network_id else []

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        steps = [
            Step("network", _("Create the network"), _("Created the network")),
            Step("subnet", _("Give it %(cidr)s") % {"cidr": params.cidr}, _("It has %(cidr)s") % {"cidr": params.cidr}),
        ]
        if params.external_network_id:
            words = {"name": params.router_name}
            steps.append(Step("router", _("Create router %(name)s") % words, _("Created router %(name)s") % words))
        if params.router_id or params.external_network_id:
            words = {"name": name_of(names, params.router_id) if params.router_id else params.router_name}
            steps.append(Step("connect", _("Connect it to %(name)s") % words, _("Connected to %(name)s") % words))
        return steps

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        routers: dict[str, int] = {Measure.ROUTERS: 1} if params.external_network_id else {}
        return {Measure.NETWORKS: 1, Measure.SUBNETS: 1, **routers}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        fields = {Measure.NETWORKS: "name", Measure.SUBNETS: "cidr", Measure.ROUTERS: "external_network_id"}
        yield from quota.too_much(tenant, self.costs(tenant, params), fields)
        yield from addressing.check(params)
        yield from _way(tenant, params)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("network")
        network = routing.make_network(run, params.name, params.description)
        if isinstance(network, Wait):
            return network
        run.at("subnet")
        subnet = routing.make_subnet(run, network.external_id, params.name, params)
        if isinstance(subnet, Wait):
            return subnet
        router_id = params.router_id
        if params.external_network_id:
            run.at("router")
            router = routing.make_router(run, params.router_name, "", params.external_network_id)
            if isinstance(router, Wait):
                return router
            router_id = router.external_id
        if router_id:
            run.at("connect")
            if outcome := routing.connect(run, router_id, subnet.external_id):
                return outcome
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        network, subnet = new_name(params.name, "NETWORK"), new_name(params.name, "SUBNET")
        lines = [
            Command("network create", given(("--description", params.description)), [params.name]),
            Command("subnet create", [("--network", network), *params.options], [params.name]),
        ]
        router = name_of(names, params.router_id)
        if params.external_network_id:
            router = new_name(params.router_name, "ROUTER")
            outside = name_of(names, params.external_network_id)
            lines.append(Command("router create", [("--external-gateway", outside)], [params.router_name]))
        if router:
            lines.append(Command("router add subnet", things=[router, subnet]))
        return lines

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        network, subnet, name = "openstack_networking_network_v2", "openstack_networking_subnet_v2", params.name
        parts = [
            terraform.resource(network, name, {"name": name, "description": params.description}),
            terraform.resource(
                subnet,
                name,
                {"name": name, "network_id": terraform.attribute(network, name), **params.terraform},
            ),
        ]
        router: terraform.Ref | str = params.router_id
        if params.external_network_id:
            kind = "openstack_networking_router_v2"
            fields = {"name": params.router_name, "external_network_id": params.external_network_id}
            parts.append(terraform.resource(kind, params.router_name, fields))
            router = terraform.attribute(kind, params.router_name)
        if router:
            kind = "openstack_networking_router_interface_v2"
            parts.append(
                terraform.resource(kind, name, {"router_id": router, "subnet_id": terraform.attribute(subnet, name)})
            )
        return "\n\n".join(parts)

    def stands(self, operation: Operation, params: Params) -> str:
        made = operation.memory
        words = {"network": params.name, "router": params.router_name}
        if made.get("router_id"):
            return _("The network %(network)s and the router %(router)s were made and are kept.") % words
        if made.get("subnet_id"):
            said = _("The network %(network)s was made and is kept, with its subnet.") % words
            lost = standing.unsure(operation, "router_id")
            return f"{said} {standing.may_be(params.router_name)}" if lost else said
        if made.get("network_id"):
            if standing.unsure(operation, "subnet_id"):
                said = _("The network %(network)s was made and is kept.") % words
                return f"{said} {standing.may_be(params.cidr)}"
            return _("The network %(network)s was made and is kept, without a subnet.") % words
        return standing.not_made(operation, "network_id", params.name)


def _way(tenant: Tenant, params: Params) -> Iterable[Refusal]:
    """Check what is said about the router: one at most, there, leading outside, and with room for these addresses."""
    if params.router_id and params.external_network_id:
        yield Refusal("router_id", _("Choose either an existing router or a new one, not both."))
    elif params.router_id:
        router = lookups.router_of(tenant, params.router_id)
        if router is None:
            yield Refusal("router_id", _("There is no such router here."))
            return
        joined = lookups.subnets_joined(tenant, router.external_id)
        why = _("in which %(router)s is already") % {"router": router}
        yield from addressing.check_room(params, joined, why)
    elif params.external_network_id:
        network = lookups.network_of(tenant, params.external_network_id)
        if network is None or not network.external:
            yield Refusal("external_network_id", _("There is no such external network here."))
    if (params.router_id or params.external_network_id) and params.gateway == addressing.NONE:
        yield Refusal("gateway", _("A router needs a gateway address in the subnet."))
