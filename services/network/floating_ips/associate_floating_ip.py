"""Associate a floating IP with a server."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import floating_ips
from portal.ui.commands import Command, given
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Outcome, Refusal, Step, Thing, name_of
from services.compute.models import Server
from services.network.floating_ips import associating, one_floating_ip, targets
from services.network.floating_ips.one_floating_ip import OneFloatingIP, changed_meanwhile
from services.network.models import FloatingIP
from services.openstack.actions import Run


class Params(one_floating_ip.Params):
    """Which floating IP goes to which server's address; without a port its first IPv4 address."""

    server_id: str
    port_id: str = ""
    fixed_address: str = ""
    was_port_id: str | None = Field(
        None, description="Where it led when the person looked; refused when somebody has changed that since."
    )


class AssociateFloatingIP(OneFloatingIP[Params]):
    """Makes a server reachable from outside, at an address that the project has."""

    name = "associate-floating-ip"
    params = Params
    label = gettext_lazy("Associate with a server")
    icon = "plug"
    asked = gettext_lazy("Associate %(floating_ip)s with %(server)s")
    done = gettext_lazy("Associated %(floating_ip)s with %(server)s")

    def words(self, params: Params, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "server": name_of(names, params.server_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return *super().things(params), Thing(Server, params.server_id)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return associating.steps(self.words(params, names)["server"])

    def refusals(self, tenant: Tenant, floating: FloatingIP, params: Params) -> Iterable[Refusal]:
        server = tenant.servers.filter(external_id=params.server_id).first()
        if server is None:
            yield Refusal("server_id", _("There is no such server here."))
            return
        if params.was_port_id is not None and floating.port_id != params.was_port_id:
            yield changed_meanwhile(floating)
        end = targets.end_of(tenant, server, params.port_id, params.fixed_address)
        if end is None:
            yield targets.no_end(server, params.port_id, "server_id")
        else:
            yield from targets.unreachable(end, floating, "server_id")

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("see" if run.done("led") else "lead")
        floating = floating_ips.get(run.cloud, params.floating_ip_id)
        return associating.associate(run, floating, params, params.was_port_id)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        words = self.words(params, names)
        options = given(("--port", params.port_id), ("--fixed-ip-address", params.fixed_address))
        if params.port_id:
            return [Command("floating ip set", options, [words["floating_ip"]])]
        return [Command("server add floating ip", options, [words["server"], words["floating_ip"]])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was, floating = operation.memory.get("was"), {"floating_ip_id": params.floating_ip_id}
        if was is None:
            return None
        if not was["port_id"]:
            return Ask("disassociate-floating-ip", floating)
        return Ask(self.name, {**floating, **was}) if was["server_id"] else None

    def stands(self, operation: Operation, params: Params) -> str:
        before = standing.unchanged(operation, _("The association is unchanged."))
        return before or _("It is associated by now.")
