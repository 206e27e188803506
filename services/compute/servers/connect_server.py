"""Connect a server to the internet: the whole way from outside to one of its addresses, as one operation."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import networks
from portal.ui.commands import Command
from projects.actions import base, quota
from projects.actions import outcome_unknown as standing
from projects.actions.one_thing import OneThing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Failed, Outcome, Refusal, Step, Thing, name_of
from services.compute.models import Server
from services.compute.servers import one_server
from services.network.floating_ips import associating
from services.network.models import FloatingIP, Network, Router
from services.network.routers import internet_path, internet_plan
from services.openstack.actions import Run
from services.openstack.words import Measure, Service


class Params(base.Params):
    """Which server, and what to use on the way. What is empty is found or made: see internet_plan.Plan."""

    server_id: str
    port_id: str = Field("", description="The server's port; empty: that of its first IPv4 address.")
    fixed_address: str = Field("", description="Which of the port's addresses.")
    external_network_id: str = Field("", description="Where outside is; empty: where its router leads, or the first.")
    router_id: str = Field("", description="The router for a subnet that has none; empty: one that fits, or a new one.")
    floating_ip_id: str = Field("", description='Which address; empty: a free one, or a new one. "new": a new one.')


class ConnectServer(OneThing[Params, Server]):
    """Makes a server reachable from the internet, and makes what is missing on the way."""

    name = "connect-server"
    params = Params
    model, param, missing = Server, "server_id", one_server.MISSING
    label = gettext_lazy("Connect to the internet")
    icon = "globe"
    asked = gettext_lazy("Connect %(server)s to the internet")
    done = gettext_lazy("Connected %(server)s to the internet")
    services = (Service.COMPUTE, Service.NETWORK)
    measures = (Measure.FLOATING_IPS, Measure.ROUTERS)

    def things(self, params: Params) -> Sequence[Thing]:
        things = [*super().things(params)]
        if params.floating_ip_id not in ("", internet_plan.NEW):
            things.append(Thing(FloatingIP, params.floating_ip_id))
        return things

    def also_named(self, params: Params) -> Sequence[Thing]:
        more = (Network, params.external_network_id), (Router, params.router_id)
        return [Thing(model, external_id) for model, external_id in more if external_id]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        lead, see = associating.steps(name_of(names, params.server_id))
        return (
            Step("router", _("A router for its network"), _("Its network has a router")),
            Step("gateway", _("Lead the router outside"), _("The router leads outside")),
            Step("interface", _("Put the router into its subnet"), _("The router is in its subnet")),
            Step("address", _("A floating IP"), _("There is a floating IP")),
            lead,
            see,
        )

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        try:
            makes = internet_plan.plan_of(tenant, params).makes
        except internet_plan.NoPlanError:
            return {}
        costs = {Measure.FLOATING_IPS: "floating-ip", Measure.ROUTERS: "router"}
        return {measure: 1 for measure, part in costs.items() if part in makes}

    def refusals(self, tenant: Tenant, thing: Server, params: Params) -> Iterable[Refusal]:
        try:
            internet_plan.plan_of(tenant, params)
        except internet_plan.NoPlanError as none:
            yield from none.refusals
            return
        fields = {Measure.FLOATING_IPS: "floating_ip_id", Measure.ROUTERS: "router_id"}
        yield from quota.too_much(tenant, self.costs(tenant, params), fields)

    def step(self, run: Run, params: Params) -> Outcome:
        end = associating.end_of(run, params)
        if end is None:
            return associating.no_end()
        port, ip = end
        network, subnet = networks.get(run.cloud, port.network_id), networks.get_subnet(run.cloud, ip.subnet_id)
        run.saw(network, subnet)
        if network.external:
            said = _("The server is in %(network)s itself: %(address)s leads outside as it is. Nothing was changed.")
            return Failed(said % {"network": network.name, "address": ip.address}, code="outside")
        if network.owned:
            outside = internet_path.build(run, params, network, subnet)
        else:
            outside = internet_path.outside_of(run, params)
        if not isinstance(outside, str):
            return outside
        return internet_path.lead_in(run, params, outside, port, ip)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        # What else is made only the plan knows; the form shows that (connect_server_page.py).
        server, floating = name_of(names, params.server_id), name_of(names, params.floating_ip_id)
        lines: list[Command] = []
        if params.floating_ip_id in ("", internet_plan.NEW):
            outside = name_of(names, params.external_network_id) or "NETWORK"
            lines.append(Command("floating ip create", things=[outside]))
            floating = "ADDRESS"
        lines.append(Command("server add floating ip", things=[server, floating]))
        return lines

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        floating_ip_id = internet_path.led(operation)
        # The address stays the project's, and so does the router.
        return Ask("disassociate-floating-ip", {"floating_ip_id": floating_ip_id}) if floating_ip_id else None

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.accepted_at is not None:
            return _("What was made so far is kept, and used when it is tried again.")
        for key, name in (("router_id", _("a router")), ("floating_ip_id", _("a floating IP"))):
            if standing.unsure(operation, key):
                return standing.may_be(name)
        changed = any(standing.unsure(operation, key) for key in ("gateway", "connect", "led"))
        return standing.may_be_done() if changed else _("Nothing was made.")
