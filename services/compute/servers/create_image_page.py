"""The page that saves a server as an image."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.pages.action_pages import About, ActionPage, Words
from services.compute.servers.create_image import CreateImage
from services.compute.servers.forms import OfServer, against
from services.compute.servers.kind import SERVERS


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


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Take a snapshot of %(server)s") % {"server": about.thing},
        text=_("Saves the server's disk as an image that new servers can boot from."),
        button=_("Take snapshot"),
        against=against(CreateImage(), about.thing),
    )


PAGE = ActionPage(kind=SERVERS, path="snapshot/", form=CreateImageForm, words=words)
