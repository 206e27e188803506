"""The page that switches a lamp on, and its line in the palette."""

from typing import Any

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words
from projects.pages.palette import Way
from tests.toy.kind import LAMPS
from tests.toy.models import Lamp


class SwitchLampOnForm(ConfirmForm):
    """Nothing to fill in."""

    action = "switch-lamp-on"

    def given(self) -> dict[str, Any]:
        return {"lamp_id": self.initial["thing"].external_id}


def words(about: About) -> Words:
    """Say what stands on the page."""
    return Words(title=f"Switch {about.thing} on", text=about.place, button="Switch on", template=CONFIRM)


PAGE = ActionPage(kind=LAMPS, path="on/", form=SwitchLampOnForm, words=words)
WAY = Way("switch-lamp-on", "Switch %(name)s on…", "switch-lamp-on", Lamp, lambda lamp: lamp.status == "off")
