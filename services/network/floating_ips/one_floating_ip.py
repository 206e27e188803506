"""What the actions on one floating IP share."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from projects.outcomes import Refusal
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
