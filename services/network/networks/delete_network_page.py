"""The page that deletes a network: what is lost with it, and which routers leave it first."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.network.models import Network, Subnet
from services.network.networks import vacating
from services.network.networks.delete_network import DeleteNetwork
from services.network.networks.kind import NETWORKS


class DeleteNetworkForm(NameAgainForm):
    """Confirms the end of a network."""

    action = "delete-network"

    def given(self) -> dict[str, Any]:
        return {"network_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    network: Network = about.thing
    delete = DeleteNetwork()
    title = _("Delete %(thing)s") % {"thing": network}
    subnets = list(Subnet.objects.filter(tenant=about.tenant, network_id=network.external_id))
    wanted = delete.params(network_id=network.external_id)
    return Words(
        title=title,
        text=_("In %(place)s.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context={
            **confirming(delete.ends_of(network, wanted), "trash-2", _("There is no undo.")),
            "formats": vacating.formats(about.tenant, subnets, delete, wanted),
        },
    )


PAGE = ActionPage(kind=NETWORKS, path="delete/", form=DeleteNetworkForm, words=words, ends=True)
