"""What the actions on one floating IP share."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from projects.models import Tenant
from projects.outcomes import Refusal
from services.compute.models import Server
from services.network.models import FloatingIP
from services.openstack.words import Service


class Params(base.Params):
    """Which floating IP, by its id."""

    floating_ip_id: str


class OneFloatingIP(OneThing[P, FloatingIP]):
    """A verb on one floating IP."""

    services = (Service.NETWORK,)
    model = FloatingIP
    param = "floating_ip_id"
    missing = gettext_lazy("There is no such floating IP here.")


def changed_meanwhile(floating: FloatingIP) -> Refusal:
    """Refuse what would overwrite what somebody else did since the person looked."""
    said = _("Somebody has changed the association of %(floating)s meanwhile. Open it again to see the current state.")
    return Refusal("floating_ip_id", said % {"floating": floating.address})


def leads_to(tenant: Tenant, floating: Sequence[FloatingIP]) -> Mapping[str, str]:
    """Return the names of the servers that they are associated with, by their own ids."""
    ids = {one.server_id for one in floating if one.server_id}
    rows = Server.objects.filter(tenant=tenant, external_id__in=ids).values_list("external_id", "name")
    names = dict(rows) if ids else {}
    return {one.external_id: names.get(one.server_id) or one.server_id for one in floating if one.server_id}
