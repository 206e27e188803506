"""The page that deletes a server: what is lost with it, and what is kept."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, ManyCardsField, Ticks
from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.compute.models import Server
from services.compute.servers.delete_server import DeleteServer, Params
from services.compute.servers.forms import against
from services.compute.servers.kind import SERVERS
from services.network.models import FloatingIP


class DeleteServerForm(NameAgainForm):
    """Confirms the end of a server, and which of its floating IPs go with it."""

    action = "delete-server"

    floating_ip_ids = ManyCardsField(label=gettext_lazy("Release with it"), required=False, widget=Ticks)

    field_order = ("floating_ip_ids", "typed")

    def prepare(self) -> None:
        super().prepare()
        server = self.initial["thing"]
        addresses = FloatingIP.objects.filter(tenant=self.tenant, server_id=server.external_id)
        if not addresses:
            del self.fields["floating_ip_ids"]
            return
        said = _("Returned to the cloud. Another project may get it next.")
        self.choose("floating_ip_ids", [(one.external_id, Card(str(one.address), said)) for one in addresses])

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.given(), "floating_ip_ids": cleaned.get("floating_ip_ids", [])}

    def given(self) -> dict[str, Any]:
        return {"server_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    server: Server = about.thing
    wanted = Params(server_id=server.external_id)
    return Words(
        title=_("Delete %(server)s") % {"server": server},
        text=_("In %(place)s.") % {"place": about.place},
        button=_("Delete %(server)s") % {"server": server},
        template=CONFIRM,
        context=confirming(DeleteServer().ends_of(server, wanted), "trash-2", _("There is no undo.")),
        against=against(DeleteServer(), server),
    )


PAGE = ActionPage(kind=SERVERS, path="delete/", form=DeleteServerForm, words=words, ends=True)
