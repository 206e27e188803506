"""Forms that have nothing to fill in: their page says what the action does, and the button does it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from portal.ui import forms as ui
from projects.forms.base import ActionForm
from projects.operations import asking


class ConfirmForm(ActionForm):
    """Asks for an action of which its page's address says everything.

    What speaks against it shows at once: there is nothing to fill in that would change it.
    """

    def given(self) -> dict[str, Any]:
        """Return the action's params."""
        raise NotImplementedError

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return self.given()

    @cached_property
    def against(self) -> list[ui.Told]:
        """Why it can't be done now, as it is drawn."""
        if self.wanted is None:
            return []
        refusals = asking.refusals_of(self.tenant, self.of(), self.wanted)
        return [ui.Told(str(one.reason), [way for way in one.ways if way.url]) for one in refusals]


class NameAgainForm(ConfirmForm):
    """Where there is no way back, the name of the page's `thing` is typed first."""

    typed = forms.CharField(
        strip=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def prepare(self) -> None:
        self.fields["typed"].label = _("Type %(name)s to confirm") % {"name": self.expected()}

    def expected(self) -> str:
        """Return what has to be typed."""
        return str(self.initial["thing"])

    def clean_typed(self) -> str:
        """Refuse any other name."""
        typed: str = self.cleaned_data["typed"]
        if typed.strip() != self.expected().strip():
            words = {"typed": typed, "name": self.expected()}
            raise ui.Refusal(_("“%(typed)s” does not match. The name is “%(name)s”.") % words)
        return typed
