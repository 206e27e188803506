"""Delete a router."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import routers
from portal.ui.commands import Command
from projects.models import Operation, Tenant
from projects.outcomes import Done, Ends, Lot, Outcome, Refusal, Step, Wait, name_of
from services.network.models import Port, Router
from services.network.networks import lookups, vacating
from services.network.routers import routing
from services.network.routers.one_router import OneRouter, Params, subnets_kept
from services.openstack.actions import Run


class DeleteRouter(OneRouter[Params]):
    """Ends a router, after disconnecting the subnets that it joins."""

    name = "delete-router"
    params = Params
    label = gettext_lazy("Delete router")
    icon = "trash-2"
    asked = gettext_lazy("Delete router %(router)s")
    done = gettext_lazy("Deleted router %(router)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (
            Step("leave", _("Disconnect its subnets"), _("It is in no subnet")),
            Step("delete", _("Delete the router"), _("Deleted the router")),
        )

    def ends_of(self, thing: Router, params: Params) -> Ends:
        addresses = ", ".join(thing.external_addresses)
        small = _("Its external address is %(address)s") % {"address": addresses} if addresses else ""
        return Ends([Lot(str(thing), small)], subnets_kept(thing))

    def refusals(self, tenant: Tenant, router: Router, params: Params) -> Iterable[Refusal]:
        return lookups.leads_in(lookups.through(tenant, router.external_id), router, "router_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("leave")
        try:
            run.saw(routers.get(run.cloud, params.router_id))
        except errors.NotFound:
            return _gone(run, params.router_id)
        for port in routers.ports_of(run.cloud, params.router_id):
            for ip in port.fixed_ips if lookups.is_interface(port.device_owner) else ():
                if outcome := routing.disconnect(run, params.router_id, ip.subnet_id):
                    return outcome
        run.at("delete")
        run.send_unless(errors.NotFound, "delete", lambda: routers.delete(run.cloud, params.router_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("router delete", things=[name_of(names, params.router_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return vacating.stands(operation, _("The router is as it was."))


def _gone(run: Run, router_id: str) -> Done:
    run.at("delete")
    left = Port.objects.filter(tenant=run.tenant, device_id=router_id).values_list("external_id", flat=True)
    run.gone(Port, *left)
    run.gone(Router, router_id)
    return Done()
