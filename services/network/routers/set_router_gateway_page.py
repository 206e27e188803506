"""The page that sets a router's external gateway: in which external network."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, CardSelect
from projects.pages.action_pages import About, ActionPage, Words
from services.network.networks import lookups
from services.network.routers.forms import OfRouter
from services.network.routers.kind import ROUTERS

# More than these stand in a select.
MOST_CARDS = 4


class SetRouterGatewayForm(OfRouter):
    """The external network of a router."""

    action = "set-router-gateway"

    external_network_id = CardField(label=gettext_lazy("External network"))

    def prepare(self) -> None:
        networks = list(lookups.external_networks(self.tenant))
        if len(networks) > MOST_CARDS:
            self.fields["external_network_id"].widget = CardSelect()
        now, there = self.router.external_network_id, _("It is the current gateway.")
        self.choose(
            "external_network_id",
            [(one.external_id, Card(str(one), "", there if one.external_id == now else "")) for one in networks],
        )
        self.initial.setdefault(
            "external_network_id", next((one.external_id for one in networks if one.external_id != now), "")
        )


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Set the external gateway of %(router)s") % {"router": about.thing},
        text=_(
            "Each server behind it can then reach the internet. Floating IPs and security groups decide who reaches it."
        ),
        button=_("Set external gateway"),
    )


PAGE = ActionPage(kind=ROUTERS, path="gateway/", form=SetRouterGatewayForm, words=words)
