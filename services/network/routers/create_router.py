"""Create a router, with its external gateway and its subnets."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from portal.ui.commands import Command, given, new_name
from projects.actions import base, quota
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.network.models import Network, Subnet
from services.network.networks import lookups
from services.network.routers import routing
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure, Service

_ROUTER = "openstack_networking_router_v2"


class Params(base.Params):
    """A router's name, its external network (empty: none), and the subnets that it is connected to."""

    name: str = Field(min_length=1, max_length=255)
    external_network_id: str = ""
    subnet_ids: list[str] = []


class CreateRouter(Action[Params]):
    """Makes a router, which joins networks with each other and with the world."""

    name = "create-router"
    params = Params
    label = gettext_lazy("Create router")
    icon = "route"
    services = (Service.NETWORK,)
    measures = (Measure.ROUTERS,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Create router %(router)s") % {"router": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Created router %(router)s") % {"router": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Subnet, subnet_id) for subnet_id in params.subnet_ids]

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.external_network_id)] if params.external_network_id else []

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        made = Step("router", _("Create the router"), _("Created the router"))
        if params.external_network_id:
            words = {"outside": name_of(names, params.external_network_id)}
            todo = _("Create the router with a gateway to %(outside)s")
            done = _("Created the router with a gateway to %(outside)s")
            made = Step("router", todo % words, done % words)
        joins = []
        for subnet_id in dict.fromkeys(params.subnet_ids):
            words = {"subnet": name_of(names, subnet_id)}
            joins.append(Step(f"join {subnet_id}", _("Connect %(subnet)s") % words, _("Connected %(subnet)s") % words))
        return [made, *joins]

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.ROUTERS: 1}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.ROUTERS: "name"})
        if params.external_network_id:
            network = lookups.network_of(tenant, params.external_network_id)
            if network is None or not network.external:
                yield Refusal("external_network_id", _("There is no such external network here."))
        known = {one.external_id: one for one in Subnet.objects.filter(tenant=tenant)}
        chosen = [known[one] for one in dict.fromkeys(params.subnet_ids) if one in known]
        if len(chosen) < len(set(params.subnet_ids)):
            yield lookups.no_subnet("subnet_ids")
        for subnet in chosen:
            yield from routing.connectable(tenant, None, subnet, "subnet_ids")
        yield from routing.overlapping(chosen, "subnet_ids")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("router")
        router = routing.make_router(run, params.name, "", params.external_network_id)
        if isinstance(router, Wait):
            return router
        for subnet_id in dict.fromkeys(params.subnet_ids):
            run.at(f"join {subnet_id}")
            if outcome := routing.connect(run, router.external_id, subnet_id):
                return outcome
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        gateway = given(("--external-gateway", name_of(names, params.external_network_id)))
        router = new_name(params.name, "ROUTER")
        return [
            Command("router create", gateway, [params.name]),
            *(Command("router add subnet", things=[router, name_of(names, one)]) for one in params.subnet_ids),
        ]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields = {"name": params.name, "external_network_id": params.external_network_id}
        parts = [terraform.resource(_ROUTER, params.name, fields)]
        router = terraform.attribute(_ROUTER, params.name)
        for subnet_id in params.subnet_ids:
            label = f"{params.name}-{name_of(names, subnet_id)}"
            joined: terraform.Fields = {"router_id": router, "subnet_id": subnet_id}
            parts.append(terraform.resource("openstack_networking_router_interface_v2", label, joined))
        return "\n\n".join(parts)

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.memory.get("router_id"):
            said = _("The router %(router)s was made and is kept, with what it was connected to so far.")
            return said % {"router": params.name}
        return standing.not_made(operation, "router_id", params.name)
