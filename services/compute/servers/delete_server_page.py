"""The page that deletes a server: what is lost with it, and what is kept."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import Card, ManyCardsField, Ticks
from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.block_storage.models import Volume
from services.compute.models import Server
from services.compute.servers.delete_server import DeleteServer
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
    return Words(
        title=_("Delete %(server)s") % {"server": server},
        text=_("In %(place)s.") % {"place": about.place},
        button=_("Delete %(server)s") % {"server": server},
        template=CONFIRM,
        context={**_ends(server), "icon": "trash-2", "foot_note": _("There is no undo.")},
        against=against(DeleteServer(), server),
    )


def _ends(server: Server) -> dict[str, list[dict[str, str]]]:
    """Return what is lost with a server, and what is kept."""
    lost = [{"text": str(server), "small": _sizes(server)}]
    if server.image_id:
        lost.append({"text": _("Its own disk"), "small": _("%(n)s GB, with all that is on it") % {"n": server.disk_gb}})
    kept = []
    volumes = _volumes(server)
    for one in server.volumes:
        volume = volumes.get(one["id"])
        size = str(formats.gibibytes(volume.size_gb)) if volume else ""
        if one.get("delete_on_termination"):
            said = _("%(size)s, deleted with the server") % {"size": size} if size else _("Deleted with the server")
            lost.append({"text": _("Volume %(name)s") % {"name": volume or one["id"]}, "small": said})
        else:
            said = _("%(size)s, is detached") % {"size": size} if size else _("Is detached")
            kept.append({"text": _("Volume %(name)s") % {"name": volume or one["id"]}, "small": said})
    for address in FloatingIP.objects.filter(tenant=server.tenant, server_id=server.external_id):
        said = _("Stays the project's, unless you release it")
        kept.append({"text": _("Floating IP %(address)s") % {"address": address.address}, "small": said})
    return {"lost": lost, "kept": kept}


def _volumes(server: Server) -> dict[str, Volume]:
    ids = [one["id"] for one in server.volumes]
    return {one.external_id: one for one in Volume.objects.filter(tenant=server.tenant, external_id__in=ids)}


def _sizes(server: Server) -> str:
    said = [server.flavor_name]
    if server.created_at is not None:
        words = {"time": formats.moment(server.created_at), "age": formats.age(server.created_at)}
        said.append(_("made %(time)s, %(age)s ago") % words)
    return ", ".join(one for one in said if one)


PAGE = ActionPage(kind=SERVERS, path="delete/", form=DeleteServerForm, words=words, ends=True)
