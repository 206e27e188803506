"""The page that puts a volume back to its latest snapshot."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.block_storage.models import Snapshot, Volume
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.snapshots.revert_volume import Params, RevertVolume


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
    wanted = Params(volume_id=row.volume_id, snapshot_id=row.external_id)
    return Words(
        title=_("Put %(volume)s back to %(snapshot)s") % both,
        text=_("The volume is then what it was when the snapshot was taken. The snapshot stays."),
        button=_("Put it back"),
        template=CONFIRM,
        context=confirming(
            RevertVolume().ends(about.tenant, wanted),
            "undo-2",
            _("There is no undo. A snapshot of now, taken before, would be the latest."),
        ),
        initial={"volume": volume},
    )


PAGE = ActionPage(kind=SNAPSHOTS, path="revert/", form=RevertVolumeForm, words=words)
