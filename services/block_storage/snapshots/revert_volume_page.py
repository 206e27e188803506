"""The page that puts a volume back to its latest snapshot."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import forms


class RevertVolumeForm(NameAgainForm):
    """Confirms that what was written since the snapshot is lost: the volume's name is typed."""

    action = "revert-volume"

    def expected(self) -> str:
        volume: Volume | None = self.initial["volume"]
        return str(volume) if volume else super().expected()

    def given(self) -> dict[str, Any]:
        snapshot: Snapshot = self.initial["thing"]
        return {"volume_id": snapshot.volume_id, "snapshot_id": snapshot.external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    row = about.thing
    volume = Volume.objects.filter(tenant=about.tenant, external_id=row.volume_id).first()
    both = {"volume": volume or row.volume_id, "snapshot": row}
    since = _("What was written to %(volume)s since %(snapshot)s was taken") % both
    return Words(
        title=_("Put %(volume)s back to %(snapshot)s") % both,
        text=_("The volume is then what it was when the snapshot was taken. The snapshot stays."),
        button=_("Put it back"),
        template=CONFIRM,
        context={
            "lost": [{"text": since, "small": forms.made(row)}],
            "kept": [{"text": str(row), "small": _("The snapshot itself")}],
            "icon": "undo-2",
            "foot_note": _("There is no undo. A snapshot of now, taken before, would be the latest."),
        },
        initial={"volume": volume},
    )


PAGE = ActionPage(kind=SNAPSHOTS, path="revert/", form=RevertVolumeForm, words=words)
