"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.network.models import Network


def _ours(network: Network) -> bool:
    return network.owned and not network.external


WAYS = (
    Way("create-network", _("Create a network…"), "create-network"),
    Way("edit-network", _("Rename %(name)s…"), "edit-network", Network, _ours),
    Way("create-subnet", _("Add a subnet to %(name)s…"), "create-subnet", Network, _ours),
    Way("delete-network", _("Delete %(name)s…"), "delete-network", Network, _ours),
)
