"""Disassociate a floating IP."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds.openstack import floating_ips
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Done, Outcome, Refusal, Step, Wait, name_of
from services.compute.models import Server
from services.network.floating_ips import associating, one_floating_ip
from services.network.floating_ips.one_floating_ip import OneFloatingIP, changed_meanwhile
from services.network.models import FloatingIP
from services.openstack.actions import Run


class Params(one_floating_ip.Params):
    """Which floating IP, by its id."""

    was_port_id: str | None = Field(
        None, description="Where it led when the person looked; refused when somebody has changed that since."
    )


class DisassociateFloatingIP(OneFloatingIP[Params]):
    """Takes an address away from a server. The project keeps it."""

    name = "disassociate-floating-ip"
    params = Params
    label = gettext_lazy("Disassociate")
    icon = "unplug"
    asked = gettext_lazy("Disassociate %(floating_ip)s")
    done = gettext_lazy("Disassociated %(floating_ip)s")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("free", _("Disassociate it from the server"), _("It is not associated"))]

    def refusals(self, tenant: Tenant, floating: FloatingIP, params: Params) -> Iterable[Refusal]:
        if not floating.port_id:
            yield Refusal("floating_ip_id", _("%(floating)s is not associated.") % {"floating": floating.address})
        elif params.was_port_id is not None and floating.port_id != params.was_port_id:
            yield changed_meanwhile(floating)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("free")
        floating = floating_ips.get(run.cloud, params.floating_ip_id)
        if "was" not in run.memory:
            was = associating.led_to(run, floating)
            run.remember(was=was)
            if was["server_id"]:
                run.made(Server, was["server_id"])  # its page tells of it too
        run.saw(floating)
        if not floating.port_id:
            return Done()
        if run.done("free"):
            said = _("It was disassociated, and somebody has associated %(address)s elsewhere since.")
            return Done(said % {"address": floating.address})
        if floating.port_id != run.memory["was"]["port_id"] or params.was_port_id not in (None, floating.port_id):
            return associating.elsewhere(floating.address)
        # Refused when somebody else has led it elsewhere between our look and this: the next look shows it.
        freed = run.send(
            "free", lambda: floating_ips.disassociate(run.cloud, params.floating_ip_id, revision=floating.revision)
        )
        run.saw(freed)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("floating ip unset", ["--port"], [name_of(names, params.floating_ip_id)])]

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        was = operation.memory.get("was") or {}
        if not was.get("server_id"):
            return None  # what it led to is no server's: it was never led there from here
        return Ask("associate-floating-ip", {"floating_ip_id": params.floating_ip_id, **was})

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("The association is unchanged."))
