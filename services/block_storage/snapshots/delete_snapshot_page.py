"""The page that deletes a snapshot."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.models import Volume
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import forms


class DeleteSnapshotForm(NameAgainForm):
    """Confirms the end of a snapshot."""

    action = "delete-snapshot"

    def given(self) -> dict[str, Any]:
        return {"snapshot_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    row = about.thing
    volume = Volume.objects.filter(tenant=about.tenant, external_id=row.volume_id).first()
    made = Volume.objects.filter(tenant=about.tenant, snapshot_id=row.external_id)
    kept = [{"text": str(volume), "small": _("The volume that it is of")}] if volume else []
    kept += [{"text": str(one), "small": _("Made from it")} for one in made]
    return forms.deleting(about, ", ".join(filter(None, [forms.size_of(row), forms.made(row)])), kept)


PAGE = ActionPage(kind=SNAPSHOTS, path="delete/", form=DeleteSnapshotForm, words=words, ends=True)
