"""The page that connects a subnet to a router: which one."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import CardField, CardSelect
from projects.pages.action_pages import About, ActionPage, Words
from services.network.routers.forms import OfRouter, own_subnets
from services.network.routers.kind import ROUTERS


class ConnectSubnetForm(OfRouter):
    """Which subnet joins a router."""

    action = "connect-subnet"

    subnet_id = CardField(label=gettext_lazy("Subnet"), widget=CardSelect)

    def prepare(self) -> None:
        self.choose("subnet_id", [("", _("Choose one")), *own_subnets(self.tenant, self.router)])


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Connect a subnet to %(router)s") % {"router": about.thing},
        text=_("The router takes the subnet's gateway address, and its servers can reach the router's other networks."),
        button=_("Connect"),
    )


PAGE = ActionPage(kind=ROUTERS, path="connect/", form=ConnectSubnetForm, words=words)
