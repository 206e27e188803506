"""The page that removes a router's external gateway: what is lost with it."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.network.models import Router
from services.network.routers.clear_router_gateway import ClearRouterGateway
from services.network.routers.kind import ROUTERS
from services.network.routers.one_router import Params


class ClearRouterGatewayForm(ConfirmForm):
    """Confirms that a router loses its gateway. Nothing is typed: it can be set again."""

    action = "clear-router-gateway"

    def given(self) -> dict[str, Any]:
        return {"router_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    router: Router = about.thing
    ends = ClearRouterGateway().ends_of(router, Params(router_id=router.external_id))
    return Words(
        title=_("Remove the external gateway of %(router)s") % {"router": router},
        text=_("Servers behind it can no longer reach the internet."),
        button=_("Remove external gateway"),
        template=CONFIRM,
        context=confirming(ends, "unplug", _("You can undo this with one click, but the address will be different.")),
    )


PAGE = ActionPage(kind=ROUTERS, path="close/", form=ClearRouterGatewayForm, words=words)
