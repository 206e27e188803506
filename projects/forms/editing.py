"""The form that edits a thing's name and description, which others may be editing too."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import TypeAdapter, ValidationError

from portal.ui import forms as ui
from portal.ui.forms import Way
from projects.actions import editing
from projects.forms.base import ActionForm
from projects.outcomes import Refusal

_WORDS = TypeAdapter(tuple[str, str])


class Described(editing.Named, Protocol):
    """A row with a name and a description."""

    @property
    def external_id(self) -> str: ...


class Editing(ActionForm):
    """A form about the words of `thing`. It remembers those that it was opened with, so that nobody's are lost.

    `param` is the action's parameter for the thing's id.
    """

    pairs = (("name", "description"),)
    param: ClassVar[str]

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=255, required=False)
    was = forms.CharField(widget=forms.HiddenInput, max_length=10_000)

    @property
    def thing(self) -> Described:
        """The thing of the page."""
        thing: Described = self.initial["thing"]
        return thing

    def prepare(self) -> None:
        self.initial.update(name=self.thing.name, description=self.thing.description, was=self.now)

    @property
    def now(self) -> str:
        """The words that it has now, as the form remembers them."""
        return json.dumps([self.thing.name, self.thing.description])

    def clean_was(self) -> str:
        """Refuse a form that does not say what it was opened with: it could take somebody's words away."""
        was: str = self.cleaned_data["was"]
        if _words(was) is None:
            self.add_error(None, ui.Refusal(_("It can't be told what you saw when you began. Open the form again.")))
        return was

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        was_name, was_description = _words(cleaned.get("was", "")) or (None, None)
        return {
            self.param: self.thing.external_id,
            "name": cleaned.get("name", ""),
            "description": cleaned.get("description", ""),
            "was_name": was_name,
            "was_description": was_description,
        }

    def refuse(self, refusal: Refusal) -> None:
        """Show what somebody else wrote meanwhile, with the way to put one's own in its place."""
        if refusal.reason == editing.meanwhile(self.thing):
            refusal = Refusal("name", refusal.reason, [Way(_("Put mine in its place"), value=self.now, field="was")])
        super().refuse(refusal)


def _words(text: str) -> tuple[str, str] | None:
    """Parse a name and a description as `Editing.now` writes them; None for what it did not write."""
    try:
        return _WORDS.validate_json(text)
    except ValidationError:
        return None
