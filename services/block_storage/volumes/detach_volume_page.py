"""The page that detaches a volume from a server."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import ConfirmForm
from projects.kinds import page_of
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.block_storage.volumes.detach_volume import DetachVolume
from services.block_storage.volumes.kind import VOLUMES
from services.compute.models import Server


class DetachVolumeForm(ConfirmForm):
    """Confirms that a server loses a disk. Nothing is typed: it can be attached again."""

    action = "detach-volume"

    def given(self) -> dict[str, Any]:
        return {"volume_id": self.initial["thing"].external_id, "server_id": self.initial.get("server_id", "")}


def words(about: About) -> Words:
    """Say what stands on the page: the server is the one in the address, else the first that has the volume."""
    volume, query = about.thing, about.request.GET
    ids = [one["server_id"] for one in volume.attachments]
    wanted = query.get("server_id") or (ids[0] if ids else "")
    server = Server.objects.filter(tenant=about.tenant, external_id=wanted).first()
    name = str(server or wanted)
    text = _("Its server is not running, so nothing is being written to it.")
    if server is not None and server.status == "ACTIVE":
        text = _("%(server)s is running. What it has not written to the disk yet is lost: unmount it there first.")
        text %= {"server": name}
    return Words(
        title=_("Detach %(volume)s from %(server)s") % {"volume": volume, "server": name},
        text=text,
        button=_("Detach"),
        template=CONFIRM,
        context=confirming(
            DetachVolume().ends(about.tenant, DetachVolume.params(volume_id=volume.external_id, server_id=wanted)),
            "unplug",
            _("You can attach it again with one click."),
        ),
        initial={"server_id": wanted},
        back=page_of(server, about.tenant) if server and query.get("from") == "server" else "",
    )


PAGE = ActionPage(kind=VOLUMES, path="detach/", form=DetachVolumeForm, words=words)
