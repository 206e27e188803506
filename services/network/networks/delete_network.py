"""Delete a network with its subnets."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import networks
from portal.ui.commands import Command
from projects.models import Operation, Tenant
from projects.outcomes import Done, Ends, Lot, Outcome, Refusal, Step, Wait, name_of
from services.network.models import Network, Port, Subnet
from services.network.networks import lookups, vacating
from services.network.networks.one_network import OneNetwork, Params
from services.openstack.actions import Run


class DeleteNetwork(OneNetwork[Params]):
    """Ends a network in which no server is any more. The routers in it are disconnected first."""

    name = "delete-network"
    params = Params
    label = gettext_lazy("Delete network")
    icon = "trash-2"
    asked = gettext_lazy("Delete network %(network)s")
    done = gettext_lazy("Deleted network %(network)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("leave", _("Disconnect it from its routers"), _("No router is in it")),
            Step("delete", _("Delete it with its subnets"), _("Deleted it with its subnets")),
        )

    def ends_of(self, thing: Network, params: Params) -> Ends:
        subnets = list(Subnet.objects.filter(tenant=thing.tenant, network_id=thing.external_id))
        lost = [Lot(str(thing), thing.description), *(vacating.as_lost(one) for one in subnets)]
        return Ends(lost, vacating.routers_kept(subnets))

    def refusals_of_ours(self, tenant: Tenant, network: Network, params: Params) -> Iterable[Refusal]:
        yield from lookups.in_the_way(network)
        subnets = list(Subnet.objects.filter(tenant=tenant, network_id=params.network_id))
        for router, floating in vacating.floating_ips_in(subnets, vacating.routers_there(subnets)):
            yield from lookups.leads_in(floating, router, "network_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("leave")
        try:
            run.saw(networks.get(run.cloud, params.network_id))
        except errors.NotFound:
            return _gone(run, params.network_id)
        ports = networks.ports_of(run.cloud, params.network_id)
        if failed := vacating.users_of(run, ports):
            return failed
        subnets = {ip.subnet_id for port in ports for ip in port.fixed_ips}
        if outcome := vacating.routers_out(run, params.network_id, ports, subnets):
            return outcome
        run.at("delete")
        run.send_unless(errors.NotFound, "delete", lambda: networks.delete(run.cloud, params.network_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("network delete", things=[name_of(names, params.network_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return vacating.stands(operation, _("The network is as it was."))


def _gone(run: Run, network_id: str) -> Done:
    run.at("delete")
    for model in (Port, Subnet):
        there = model.objects.filter(tenant=run.tenant, network_id=network_id)
        run.gone(model, *there.values_list("external_id", flat=True))
    run.gone(Network, network_id)
    return Done()
