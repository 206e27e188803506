"""Allocate a floating IP, and optionally associate it with a server."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from portal.ui.commands import Command, given
from projects.actions import base, quota
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.compute.models import Server
from services.network.floating_ips import associating, targets
from services.network.models import FloatingIP, Network
from services.network.networks import lookups
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Measure, Service

_ADDRESS = "openstack_networking_floatingip_v2"


class Params(base.Params):
    """The external network of the address, and the server's address to associate it with, if any.

    Without a port it is the server's first IPv4 address.
    """

    network_id: str = Field(min_length=1)
    description: str = Field("", max_length=255)
    server_id: str = ""
    port_id: str = ""
    fixed_address: str = ""


class AllocateFloatingIP(Action[Params]):
    """Allocates a public address to the project."""

    name = "allocate-floating-ip"
    params = Params
    label = gettext_lazy("Allocate floating IP")
    icon = "globe"
    services = (Service.NETWORK,)
    measures = (Measure.FLOATING_IPS,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        words = _said(params, names)
        if params.server_id:
            return _("Allocate a floating IP of %(network)s for %(server)s") % words
        return _("Allocate a floating IP of %(network)s") % words

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        words = _said(params, names)
        if params.server_id:
            return _("Allocated a floating IP of %(network)s for %(server)s") % words
        return _("Allocated a floating IP of %(network)s") % words

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(Server, params.server_id)] if params.server_id else []

    def also_named(self, params: Params) -> Sequence[Thing]:
        return [Thing(Network, params.network_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        allocate = Step("allocate", _("Allocate an address"), _("Allocated an address"))
        if not params.server_id:
            return [allocate]
        return [allocate, *associating.steps(_said(params, names)["server"])]

    def costs(self, tenant: Tenant, params: Params) -> Mapping[str, int]:
        return {Measure.FLOATING_IPS: 1}

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        yield from quota.too_much(tenant, self.costs(tenant, params), {Measure.FLOATING_IPS: "network_id"})
        network = lookups.network_of(tenant, params.network_id)
        if network is None or not network.external:
            yield Refusal("network_id", _("There is no such external network here."))
        elif lookups.without_ipv4(tenant, network):
            yield lookups.gives_no_address(network, "network_id")
        elif params.server_id:
            server = tenant.servers.filter(external_id=params.server_id).first()
            end = targets.end_of(tenant, server, params.port_id, params.fixed_address) if server else None
            if server is None:
                yield Refusal("server_id", _("There is no such server here."))
            elif end is None:
                yield targets.no_end(server, params.port_id, "server_id")
            else:
                # As if it was there already.
                new = FloatingIP(tenant=tenant, network_id=network.external_id, address=_("the new address"))
                yield from targets.unreachable(end, new, "server_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("allocate")
        floating = associating.allocate(run, params.network_id, params.description)
        if isinstance(floating, Wait):
            return floating
        if not params.server_id:
            run.saw(floating)
            return Done(floating.address)
        return associating.associate(run, floating, params)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        options = given(
            ("--description", params.description),
            ("--port", params.port_id),
            ("--fixed-ip-address", params.fixed_address),
        )
        return [Command("floating ip create", options, [_said(params, names)["network"]])]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields = {
            "pool": _said(params, names)["network"],
            "description": params.description,
            "port_id": params.port_id,
            "fixed_ip": params.fixed_address,
        }
        label = _said(params, names)["server"] if params.server_id else _said(params, names)["network"]
        return terraform.resource(_ADDRESS, label, fields)

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.memory.get("floating_ip_id"):
            return _("The address was allocated and is kept.")
        if standing.unsure(operation, "floating_ip_id"):
            return standing.may_be(_("a floating IP"))
        return _("Nothing was allocated.")


def _said(params: Params, names: Mapping[str, str]) -> dict[str, str]:
    return {"network": name_of(names, params.network_id), "server": name_of(names, params.server_id)}
