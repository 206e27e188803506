"""What the actions on one network, and on one subnet, share."""

from collections.abc import Iterable
from typing import ClassVar

from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from projects.models import Tenant
from projects.outcomes import Refusal
from services.network.models import Network, Subnet
from services.network.networks import lookups
from services.openstack.words import Service


class Params(base.Params):
    """Which network, by its id."""

    network_id: str


class OneNetwork(OneThing[P, Network]):
    """A verb on one network of the project's own: what others own can be used, and not changed."""

    services = (Service.NETWORK,)
    model = Network
    param: ClassVar[str] = "network_id"
    missing = gettext_lazy("There is no such network here.")

    def refusals(self, tenant: Tenant, thing: Network, params: P) -> Iterable[Refusal]:
        foreign = list(lookups.not_ours(thing))
        return foreign or self.refusals_of_ours(tenant, thing, params)

    def refusals_of_ours(self, tenant: Tenant, network: Network, params: P) -> Iterable[Refusal]:
        """Say what speaks against it with this network, which is the project's own."""
        return ()


class OneSubnet(OneThing[P, Subnet]):
    """A verb on one subnet of a network of the project's own."""

    services = (Service.NETWORK,)
    model = Subnet
    param: ClassVar[str] = "subnet_id"
    missing = gettext_lazy("There is no such subnet here.")

    def refusals(self, tenant: Tenant, thing: Subnet, params: P) -> Iterable[Refusal]:
        network = lookups.network_of(tenant, thing.network_id)
        if network is None:
            return [lookups.no_subnet()]
        foreign = list(lookups.not_ours(network, self.param))
        return foreign or self.refusals_of_ours(tenant, thing, network, params)

    def refusals_of_ours(self, tenant: Tenant, subnet: Subnet, network: Network, params: P) -> Iterable[Refusal]:
        """Say what speaks against it with this subnet, whose network is the project's own."""
        return ()
