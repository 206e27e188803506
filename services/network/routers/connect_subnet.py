"""Connect a subnet to a router."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Outcome, Refusal, Step
from services.network.models import Router
from services.network.networks import lookups
from services.network.routers import routing
from services.network.routers.one_router import JointParams, RouterAndSubnet
from services.openstack.actions import Run


class ConnectSubnet(RouterAndSubnet):
    """Has a router join a subnet, at its gateway address."""

    name = "connect-subnet"
    label = gettext_lazy("Connect subnet")
    icon = "plug"
    asked = gettext_lazy("Connect %(subnet)s to router %(router)s")
    done = gettext_lazy("Connected %(subnet)s to router %(router)s")

    def steps(self, params: JointParams, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return [Step("connect", _("Connect %(subnet)s") % words, _("Connected %(subnet)s") % words)]

    def refusals(self, tenant: Tenant, router: Router, params: JointParams) -> Iterable[Refusal]:
        subnet = lookups.subnet_of(tenant, params.subnet_id)
        network = lookups.network_of(tenant, subnet.network_id) if subnet else None
        if subnet is None or network is None:
            yield lookups.no_subnet()
        elif foreign := list(lookups.not_ours(network, "subnet_id")):
            yield from foreign
        else:
            yield from routing.connectable(tenant, router, subnet, "subnet_id")

    def step(self, run: Run, params: JointParams) -> Outcome:
        run.at("connect")
        return routing.connect(run, params.router_id, params.subnet_id) or Done()

    def commands(self, params: JointParams, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("router add subnet", things=[words["router"], words["subnet"]])]

    def undo(self, operation: Operation, params: JointParams) -> Ask | None:
        return Ask("disconnect-subnet", params.model_dump())

    def stands(self, operation: Operation, params: JointParams) -> str:
        return standing.unchanged(operation, _("The subnet is not connected."))
