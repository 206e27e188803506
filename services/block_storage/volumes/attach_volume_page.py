"""The page that attaches a volume: which server gets it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import CardField, CardSelect
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.volumes import attaching, storage
from services.block_storage.volumes.forms import OfVolume, next_device, server_card
from services.block_storage.volumes.kind import VOLUMES
from services.compute.models import Server
from services.openstack.words import Service


class AttachVolumeForm(OfVolume):
    """Which server gets the volume."""

    action = "attach-volume"

    server_id = CardField(label=gettext_lazy("Server"), widget=CardSelect)

    def prepare(self) -> None:
        servers, zone = list(Server.objects.filter(tenant=self.tenant)), self.volume.zone
        near = attaching.near(zone, servers, storage.zones_of(self.tenant, Service.COMPUTE))
        cards = ((one.external_id, server_card(one)) for one in near)
        self.choose("server_id", [("", _("Choose one")), *cards])
        chosen = next((one for one in near if one.external_id == self.said("server_id")), None)
        hints = []
        if len(near) < len(servers):
            hints.append(_("Only servers in zone %(zone)s are listed.") % {"zone": zone})
        if chosen:
            words = {"server": str(chosen), "device": next_device(chosen)}
            hints.append(_("%(server)s will most likely see it as %(device)s.") % words)
        self.fields["server_id"].help_text = " ".join(hints)


def words(about: About) -> Words:
    """Say what stands on the page."""
    volume = about.thing
    text = _("%(size)s in %(place)s. The server sees it at once, without a restart.")
    return Words(
        title=_("Attach %(volume)s") % {"volume": volume},
        text=text % {"size": formats.gibibytes(volume.size_gb), "place": about.place},
        button=_("Attach"),
    )


PAGE = ActionPage(kind=VOLUMES, path="attach/", form=AttachVolumeForm, words=words)
