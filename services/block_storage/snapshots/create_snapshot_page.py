"""The page that takes a snapshot of a volume."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.volumes.forms import OfVolume
from services.block_storage.volumes.kind import VOLUMES


class CreateSnapshotForm(OfVolume):
    """What the snapshot is called."""

    action = "create-snapshot"
    pairs = (("name", "description"),)

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)

    def prepare(self) -> None:
        self.initial.setdefault("name", f"{self.volume}-{timezone.localdate():%Y-%m-%d}"[:255])
        if self.volume.attachments:
            said = _(
                "The volume is in use: the snapshot has what was written to the disk by then, as after a power cut."
            )
            self.fields["name"].help_text = said


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(
        title=_("Take a snapshot of %(volume)s") % {"volume": about.thing},
        text=_("Keeps the volume as it is now, to go back to or to make new volumes of."),
        button=_("Take snapshot"),
    )


PAGE = ActionPage(kind=VOLUMES, path="snapshot/", form=CreateSnapshotForm, words=words)
