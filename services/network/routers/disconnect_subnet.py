"""Disconnect a subnet from a router."""

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


class DisconnectSubnet(RouterAndSubnet):
    """Takes a router out of a subnet, whose servers then reach each other only."""

    name = "disconnect-subnet"
    label = gettext_lazy("Disconnect subnet")
    icon = "unplug"
    asked = gettext_lazy("Disconnect %(subnet)s from router %(router)s")
    done = gettext_lazy("Disconnected %(subnet)s from router %(router)s")

    def steps(self, params: JointParams, names: Mapping[str, str]) -> Sequence[Step]:
        words = self.words(params, names)
        return [Step("disconnect", _("Disconnect %(subnet)s") % words, _("Disconnected %(subnet)s") % words)]

    def refusals(self, tenant: Tenant, router: Router, params: JointParams) -> Iterable[Refusal]:
        subnet = lookups.subnet_of(tenant, params.subnet_id)
        if subnet is None:
            yield lookups.no_subnet()
        elif subnet not in lookups.subnets_joined(tenant, router.external_id):
            words = {"subnet": str(subnet), "router": str(router)}
            yield Refusal("subnet_id", _("%(router)s is not in %(subnet)s.") % words)
        else:
            floating = lookups.through(tenant, router.external_id, [subnet])
            yield from lookups.leads_in(floating, router, "subnet_id")

    def step(self, run: Run, params: JointParams) -> Outcome:
        run.at("disconnect")
        return routing.disconnect(run, params.router_id, params.subnet_id) or Done()

    def commands(self, params: JointParams, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        return [Command("router remove subnet", things=[words["router"], words["subnet"]])]

    def undo(self, operation: Operation, params: JointParams) -> Ask | None:
        return Ask("connect-subnet", params.model_dump())

    def stands(self, operation: Operation, params: JointParams) -> str:
        return standing.unchanged(operation, _("The subnet is still connected."))
