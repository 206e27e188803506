"""The page that deletes a snapshot."""

from typing import Any

from projects.forms.confirming import NameAgainForm
from projects.pages.action_pages import About, ActionPage, Words
from services.block_storage.snapshots.delete_snapshot import DeleteSnapshot
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.snapshots.one_snapshot import Params
from services.block_storage.volumes import forms


class DeleteSnapshotForm(NameAgainForm):
    """Confirms the end of a snapshot."""

    action = "delete-snapshot"

    def given(self) -> dict[str, Any]:
        return {"snapshot_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return forms.deleting(about, DeleteSnapshot().ends_of(about.thing, Params(snapshot_id=about.thing.external_id)))


PAGE = ActionPage(kind=SNAPSHOTS, path="delete/", form=DeleteSnapshotForm, words=words, ends=True)
