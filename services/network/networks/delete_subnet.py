"""Delete a subnet of a network."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import networks
from portal.ui.commands import Command
from projects.actions import base
from projects.models import Operation, Tenant
from projects.outcomes import Done, Ends, Outcome, Refusal, Step, Wait, name_of
from services.network.models import Network, Subnet
from services.network.networks import lookups, vacating
from services.network.networks.one_network import OneSubnet
from services.openstack.actions import Run


class Params(base.Params):
    """Which subnet, by its id."""

    subnet_id: str


class DeleteSubnet(OneSubnet[Params]):
    """Takes addresses away from a network. The routers in it are disconnected first."""

    name = "delete-subnet"
    params = Params
    label = gettext_lazy("Delete subnet")
    icon = "trash-2"
    asked = gettext_lazy("Delete subnet %(subnet)s")
    done = gettext_lazy("Deleted subnet %(subnet)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("leave", _("Disconnect it from its routers"), _("No router is in it")),
            Step("delete", _("Delete the subnet"), _("Deleted the subnet")),
        )

    def ends_of(self, thing: Subnet, params: Params) -> Ends:
        return Ends([vacating.as_lost(thing)], vacating.routers_kept([thing]))

    def refusals_of_ours(self, tenant: Tenant, subnet: Subnet, network: Network, params: Params) -> Iterable[Refusal]:
        if subnet.ip_version == 4:  # an IPv6 address that a server has chosen by itself keeps no subnet
            yield from lookups.in_the_way(network, subnet, "subnet_id")
        for router, floating in vacating.floating_ips_in([subnet], vacating.routers_there([subnet])):
            yield from lookups.leads_in(floating, router, "subnet_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("leave")
        try:
            subnet = networks.get_subnet(run.cloud, params.subnet_id)
        except errors.NotFound:
            run.at("delete")
            run.gone(Subnet, params.subnet_id)
            return Done()
        run.saw(subnet)
        run.made(Network, subnet.network_id)  # its page tells of it
        ports = networks.ports_of(run.cloud, subnet.network_id)
        here = [port for port in ports if any(ip.subnet_id == params.subnet_id for ip in port.fixed_ips)]
        if subnet.ip_version == 4 and (failed := vacating.users_of(run, here)):
            return failed
        if outcome := vacating.routers_out(run, subnet.network_id, ports, [params.subnet_id]):
            return outcome
        run.at("delete")
        run.send_unless(errors.NotFound, "delete", lambda: networks.delete_subnet(run.cloud, params.subnet_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("subnet delete", things=[name_of(names, params.subnet_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return vacating.stands(operation, _("The subnet is as it was."))
