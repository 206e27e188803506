"""Release a floating IP."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.openstack import floating_ips
from portal.ui.commands import Command
from projects.actions import outcome_unknown as standing
from projects.models import Operation
from projects.outcomes import Done, Ends, Lot, Outcome, Step, Wait, name_of
from services.network.floating_ips.one_floating_ip import OneFloatingIP, Params, leads_to
from services.network.models import FloatingIP
from services.openstack.actions import Run


class ReleaseFloatingIP(OneFloatingIP[Params]):
    """Gives an address back. Anybody may get it next, and nobody gets it back for certain."""

    name = "release-floating-ip"
    params = Params
    label = gettext_lazy("Release")
    icon = "trash-2"
    asked = gettext_lazy("Release %(floating_ip)s")
    done = gettext_lazy("Released %(floating_ip)s")

    def ends_of(self, thing: FloatingIP, params: Params) -> Ends:
        lost = [Lot(str(thing.address), _("Anybody may get it next, and you can't request it again"))]
        if server := leads_to(thing.tenant, [thing]).get(thing.external_id, ""):
            lost.append(Lot(server, _("Can no longer be reached at this address")))
        return Ends(lost)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("release", _("Release the address"), _("Released the address"))]

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("release")
        try:
            floating_ips.get(run.cloud, params.floating_ip_id)
        except errors.NotFound:
            run.gone(FloatingIP, params.floating_ip_id)
            return Done()
        run.send_unless(errors.NotFound, "release", lambda: floating_ips.release(run.cloud, params.floating_ip_id))
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("floating ip delete", things=[name_of(names, params.floating_ip_id)])]

    def stands(self, operation: Operation, params: Params) -> str:
        return standing.unchanged(operation, _("The address is kept."))
