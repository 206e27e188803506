"""The page that makes a volume larger."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui import formats
from portal.ui.forms import FigureField
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.volumes.forms import OfVolume
from services.block_storage.volumes.kind import VOLUMES


class ExtendVolumeForm(OfVolume):
    """How large it shall be."""

    action = "extend-volume"

    size_gb = FigureField(label=gettext_lazy("New size"), unit="GB", least=1)

    def prepare(self) -> None:
        now = formats.number(self.volume.size_gb)
        said = _("It has %(n)s GB now, and can't be made smaller again. The file system on it has to be extended too.")
        self.fields["size_gb"].help_text = said % {"n": now}
        self.initial.setdefault("size_gb", self.volume.size_gb + 10)


def words(about: About) -> Words:
    """Say what stands on the page."""
    attached = _("It stays attached, and its server sees the new size.")
    return Words(
        title=_("Extend %(volume)s") % {"volume": about.thing},
        text=attached if about.thing.attachments else _("What is on it stays."),
        button=_("Extend"),
    )


PAGE = ActionPage(kind=VOLUMES, path="extend/", form=ExtendVolumeForm, words=words)
