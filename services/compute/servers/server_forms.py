"""The forms of what is done with one server; which one it is their page's address says."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import Card, CardField, ManyCardsField, Ticks, Way
from projects.forms.base import ActionForm
from projects.forms.confirming import NameAgainForm
from projects.outcomes import Refusal
from services.compute.flavors import cards as flavors
from services.compute.models import Server
from services.compute.servers import resizing
from services.compute.servers.reboot_server import RebootServer
from services.images.models import Image
from services.network.models import FloatingIP
from services.openstack.words import Measure


class OfServer(ActionForm):
    """A form about the server `thing`."""

    @property
    def server(self) -> Server:
        """The server of the page."""
        server: Server = self.initial["thing"]
        return server

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "server_id": self.server.external_id}


class RenameServerForm(OfServer):
    """Its name. The form remembers the one that it was opened with, so that nobody's is lost."""

    action = "rename-server"

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    was_name = forms.CharField(widget=forms.HiddenInput, max_length=255, required=False)

    def prepare(self) -> None:
        self.initial.update(name=self.server.name, was_name=self.server.name)

    def refuse(self, refusal: Refusal) -> None:
        """What somebody else called it meanwhile is told, with the way to put one's own in its place."""
        if refusal.field == "name" and self["was_name"].value() not in (None, self.server.name):
            way = Way(_("Put mine in its place"), value=self.server.name, field="was_name")
            refusal = Refusal("name", refusal.reason, [way])
        super().refuse(refusal)


class ResizeServerForm(OfServer):
    """The flavor that it gets."""

    action = "resize-server"

    flavor_id = flavors.FlavorField(label=gettext_lazy("New flavor"))

    def prepare(self) -> None:
        server = self.server
        found = Image.objects.filter(tenant=self.tenant, external_id=server.image_id) if server.image_id else None
        image = found.first() if found is not None else None

        def blocked(flavor: Any) -> str:
            if flavor.name == server.flavor_name:
                return _("It has this one now.")
            return next((str(one.reason) for one in resizing.too_small(flavor, server, image)), "")

        has: dict[str, int] = {Measure.VCPUS: server.vcpus, Measure.RAM_MB: server.ram_mb}
        self.choose("flavor_id", flavors.cards(self.tenant, blocked=blocked, has=has))


class CreateImageForm(OfServer):
    """What the image is called."""

    action = "create-image"

    name = forms.CharField(label=gettext_lazy("Name of the image"), max_length=255)

    def prepare(self) -> None:
        self.initial.setdefault("name", f"{self.server}-{timezone.localdate():%Y-%m-%d}"[:255])
        if self.server.status == "ACTIVE":
            self.fields["name"].help_text = _(
                "The server runs on. The image has what was written to the disk by then, as after a power cut: "
                "stop the server first where that is not enough."
            )


class RebootServerForm(OfServer):
    """How it is rebooted."""

    action = "reboot-server"

    kind = CardField(label=gettext_lazy("How"))

    def prepare(self) -> None:
        soft = RebootServer().why_not(self.server, RebootServer.params(server_id=self.server.external_id))
        self.choose(
            "kind",
            (
                ("soft", Card(_("Soft"), _("Asks its operating system, which closes what is open."), soft)),
                ("hard", Card(_("Hard"), _("Pulls the plug. What is not written to the disk is lost."))),
            ),
        )
        self.initial.setdefault("kind", "hard")


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
        said = _("Given back to the cloud: anybody may get it next.")
        self.choose("floating_ip_ids", [(one.external_id, Card(str(one.address), said)) for one in addresses])

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.given(), "floating_ip_ids": cleaned.get("floating_ip_ids", [])}

    def given(self) -> dict[str, Any]:
        return {"server_id": self.initial["thing"].external_id}
