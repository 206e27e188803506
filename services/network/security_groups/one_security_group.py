"""What the actions on one security group share."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from projects.models import Tenant
from projects.outcomes import Refusal
from services.network.models import SecurityGroup
from services.openstack.words import Service

OF_ANOTHER = gettext_lazy("It belongs to another project, which shares it with this one. Only that one can change it.")


class Params(base.Params):
    """Which security group, by its id."""

    group_id: str


class OneSecurityGroup(OneThing[P, SecurityGroup]):
    """A verb on one security group."""

    services = (Service.NETWORK,)
    model = SecurityGroup
    param = "group_id"
    missing = gettext_lazy("There is no such security group here. Somebody may have deleted it.")

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        """Refuse all changes of a group that another project shares."""
        if SecurityGroup.objects.filter(tenant=tenant, external_id=self.id_of(params), owned=False).exists():
            return [Refusal(self.param, str(OF_ANOTHER))]
        return super().check(tenant, params)
