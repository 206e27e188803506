"""The page that edits the name and description of a snapshot."""

from projects.forms.editing import Editing
from projects.pages.action_pages import ActionPage
from services.block_storage.snapshots.kind import SNAPSHOTS
from services.block_storage.volumes import forms


class EditSnapshotForm(Editing):
    """A snapshot's name and description."""

    action = "edit-snapshot"
    param = "snapshot_id"


PAGE = ActionPage(kind=SNAPSHOTS, path="edit/", form=EditSnapshotForm, words=forms.renaming)
