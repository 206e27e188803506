"""What the forms and pages of volumes and snapshots share."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.forms import Card
from portal.ui.status import status_of
from projects.forms.base import ActionForm
from projects.outcomes import Ends
from projects.pages.action_pages import CONFIRM, About, Words, confirming
from services.block_storage.models import Volume
from services.block_storage.volumes import attaching
from services.compute.models import Server


class OfVolume(ActionForm):
    """A form about the volume `thing`."""

    @property
    def volume(self) -> Volume:
        """Return the volume of the page."""
        volume: Volume = self.initial["thing"]
        return volume

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "volume_id": self.volume.external_id}


def renaming(about: About) -> Words:
    """Say what stands on the page that renames a thing."""
    return Words(
        title=_("Rename %(thing)s") % {"thing": about.thing},
        text=_("Names are for people: the cloud knows it by its id, and nothing that uses it notices."),
        button=_("Save"),
    )


def deleting(about: About, ends: Ends) -> Words:
    """Say what stands on the page that deletes a thing."""
    title = _("Delete %(thing)s") % {"thing": about.thing}
    return Words(
        title=title,
        text=_("In %(place)s.") % {"place": about.place},
        button=title,
        template=CONFIRM,
        context=confirming(ends, "trash-2", _("There is no undo.")),
    )


def server_card(server: Server) -> Card:
    """Return a server as a line of a select: "db-01, running, zone nova".

    It is blocked while the server's volumes can't be changed.
    """
    said = str(status_of("server", server.status).word)
    text = said[:1].lower() + said[1:]
    if server.zone:
        text = _("%(state)s, zone %(zone)s") % {"state": text, "zone": server.zone}
    against = next(iter(attaching.changeable(server)), None)
    return Card(str(server), text, against.reason if against else "")


def next_device(server: Server) -> str:
    """Return the name that a Linux server gives its next disk, as clouds count: after those that it has."""
    devices = {str(one.get("device") or "") for one in server.volumes}
    for attachments in Volume.objects.filter(tenant=server.tenant_id).values_list("attachments", flat=True):
        devices |= {one["device"] for one in attachments if one["server_id"] == server.external_id}
    letters = {device[-1:] for device in devices} | ({"a"} if server.image_id else set())
    free = next((letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in letters), "z")
    return f"/dev/vd{free}"
