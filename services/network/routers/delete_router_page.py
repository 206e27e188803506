"""The page that deletes a router: what is lost with it, and what it leaves first."""

from typing import Any

from django.utils.translation import gettext as _

from portal.ui.changing import CommandText
from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from projects.pages.command import commands_of, shell_lines
from services.network.models import Router
from services.network.networks import lookups
from services.network.routers.delete_router import DeleteRouter
from services.network.routers.disconnect_subnet import DisconnectSubnet
from services.network.routers.kind import ROUTERS
from services.network.routers.one_router import JointParams, Params


class DeleteRouterForm(NameAgainForm):
    """Confirms the end of a router."""

    action = "delete-router"

    def given(self) -> dict[str, Any]:
        return {"router_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    router: Router = about.thing
    title = _("Delete %(router)s") % {"router": router}
    ends = DeleteRouter().ends_of(router, Params(router_id=router.external_id))
    return Words(
        title=title,
        text=_("In %(place)s.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context={**confirming(ends, "trash-2", _("There is no undo.")), "formats": _formats(router)},
    )


def _formats(router: Router) -> list[CommandText]:
    """Say what deleting does, as commands: the router out of its subnets first."""
    tenant = router.tenant
    subnets = lookups.subnets_joined(tenant, router.external_id)
    joints = [JointParams(router_id=router.external_id, subnet_id=one.external_id) for one in subnets]
    first = commands_of(tenant, DisconnectSubnet(), *joints)
    last = commands_of(tenant, DeleteRouter(), DeleteRouter.params(router_id=router.external_id))
    text = shell_lines(tenant, [*first, *last])
    return [CommandText("openstack", "openstack", text)]


PAGE = ActionPage(kind=ROUTERS, path="delete/", form=DeleteRouterForm, words=words, ends=True)
