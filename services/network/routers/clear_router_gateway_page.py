"""The page that removes a router's external gateway: what is lost with it."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.network.models import Router
from services.network.routers.forms import subnets_kept
from services.network.routers.kind import ROUTERS


class ClearRouterGatewayForm(ConfirmForm):
    """Confirms that a router loses its gateway. Nothing is typed: it can be set again."""

    action = "clear-router-gateway"

    def given(self) -> dict[str, Any]:
        return {"router_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    router: Router = about.thing
    small = _("Its external address. A new gateway gets a different one")
    return Words(
        title=_("Remove the external gateway of %(router)s") % {"router": router},
        text=_("Servers behind it can no longer reach the internet."),
        button=_("Remove external gateway"),
        template=CONFIRM,
        context={
            "lost": [{"text": one, "small": small} for one in router.external_addresses],
            "kept": subnets_kept(router),
            "icon": "unplug",
            "foot_note": _("You can undo this with one click, but the address will be different."),
        },
    )


PAGE = ActionPage(kind=ROUTERS, path="close/", form=ClearRouterGatewayForm, words=words)
