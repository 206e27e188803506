"""Release a floating IP."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import floating_ips
from projects.actions import base
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Service, Tenant
from projects.outcomes import Command, Done, Outcome, Refusal, Step, Thing, Wait, name_of
from services.block_storage.volumes import deleting
from services.network.models import FloatingIP
from services.network.networks import lookups
from services.openstack.actions import Run


class Params(base.Params):
    """Which floating IP, by its id."""

    floating_ip_id: str


class ReleaseFloatingIP(Action[Params]):
    """Gives an address back. Anybody may get it next, and nobody gets it back for certain."""

    name = "release-floating-ip"
    params = Params
    label = gettext_lazy("Release")
    icon = "trash-2"
    services = (Service.NETWORK,)

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Release %(floating)s") % {"floating": name_of(names, params.floating_ip_id)}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Released %(floating)s") % {"floating": name_of(names, params.floating_ip_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return [Thing(FloatingIP, params.floating_ip_id)]

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("release", _("Give the address back"), _("Gave the address back"))]

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        if lookups.floating_ip_of(tenant, params.floating_ip_id) is None:
            yield lookups.no_floating_ip()

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("release")
        try:
            floating_ips.get(run.cloud, params.floating_ip_id)
        except errors.NotFound:
            run.gone(FloatingIP, params.floating_ip_id)
            return Done()
        deleting.ask(run, "release", lambda: floating_ips.release(run.cloud, params.floating_ip_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [[["floating", "ip", "delete"], [name_of(names, params.floating_ip_id)]]]

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, "release", _("The address is kept."))
