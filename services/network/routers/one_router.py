"""What the actions on one router share, and those that connect a subnet to one or disconnect it."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from projects.outcomes import Lot, Thing, name_of
from services.network.models import Router, Subnet
from services.network.networks import lookups
from services.openstack.words import Service


class Params(base.Params):
    """Which router, by its id."""

    router_id: str


class OneRouter(OneThing[P, Router]):
    """A verb on one router."""

    services = (Service.NETWORK,)
    model = Router
    param = "router_id"
    missing = gettext_lazy("There is no such router here.")


class JointParams(Params):
    """Which subnet and which router, by their ids."""

    subnet_id: str


class RouterAndSubnet(OneRouter[JointParams]):
    """A verb on one subnet and one router."""

    params = JointParams

    def words(self, params: JointParams, names: Mapping[str, str]) -> Mapping[str, str]:
        return {**super().words(params, names), "subnet": name_of(names, params.subnet_id)}

    def things(self, params: JointParams) -> Sequence[Thing]:
        return *super().things(params), Thing(Subnet, params.subnet_id)


def subnets_kept(router: Router) -> list[Lot]:
    """Tell of the subnets that a router joins, where something of it shall go: they stay."""
    said = _("Subnet %(cidr)s, stays with its servers")
    joined = lookups.subnets_joined(router.tenant, router.external_id)
    return [Lot(one.name or one.cidr, said % {"cidr": one.cidr}) for one in joined]
