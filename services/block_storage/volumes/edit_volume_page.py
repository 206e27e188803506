"""The page that edits the name and description of a volume."""

from projects.forms.editing import Editing
from projects.pages.action_pages import ActionPage
from services.block_storage.volumes import forms
from services.block_storage.volumes.kind import VOLUMES


class EditVolumeForm(Editing):
    """A volume's name and description."""

    action = "edit-volume"
    param = "volume_id"


PAGE = ActionPage(kind=VOLUMES, path="edit/", form=EditVolumeForm, words=forms.renaming)
