"""The page that deletes a subnet of a network: what is lost with it, and which routers leave it first."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.network.models import Subnet
from services.network.networks import lookups, vacating
from services.network.networks.delete_subnet import DeleteSubnet, Params
from services.network.networks.kind import NETWORKS


class DeleteSubnetForm(NameAgainForm):
    """Confirms the end of a subnet; where it has no name, its addresses are typed."""

    action = "delete-subnet"

    def expected(self) -> str:
        subnet: Subnet = self.initial["thing"]
        return subnet.name or subnet.cidr

    def given(self) -> dict[str, Any]:
        return {"subnet_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page. It is below the network's, which it leads back to."""
    network, tenant = about.thing, about.tenant
    subnet = lookups.subnet_of(tenant, about.parts["subnet_id"])
    if subnet is None or subnet.network_id != network.external_id:
        raise Http404
    subnet.tenant = tenant
    delete, wanted = DeleteSubnet(), Params(subnet_id=subnet.external_id)
    title = _("Delete %(thing)s") % {"thing": subnet.name or subnet.cidr}
    return Words(
        title=title,
        text=_("In %(network)s, %(place)s.") % {"network": network, "place": about.place},
        button=title,
        template=CONFIRM,
        initial={"thing": subnet},
        context={
            **confirming(delete.ends_of(subnet, wanted), "trash-2", _("There is no undo.")),
            "formats": vacating.formats(tenant, [subnet], delete, wanted),
        },
    )


PAGE = ActionPage(kind=NETWORKS, path="subnets/<str:subnet_id>/delete/", form=DeleteSubnetForm, words=words)
