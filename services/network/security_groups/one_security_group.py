"""What the actions on one security group share."""

from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from services.network.models import SecurityGroup
from services.openstack.words import Service


class Params(base.Params):
    """Which security group, by its id."""

    group_id: str


class OneSecurityGroup(OneThing[P, SecurityGroup]):
    """A verb on one security group."""

    services = (Service.NETWORK,)
    model = SecurityGroup
    param = "group_id"
    missing = gettext_lazy("There is no such security group here. Somebody may have deleted it.")
