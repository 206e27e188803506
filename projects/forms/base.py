"""A form that asks for an action: its fields become the action's params, the action's refusals stand at the fields."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from pydantic import ValidationError

from portal.ui import forms as ui
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params, Refusal
from projects.models import Tenant
from projects.operations import asking


class ActionForm(forms.Form):
    """One action's form in a tenant.

    Fields are called as the params are; `as_params` may be overridden where they differ. Choices are made from the
    inventory in `prepare`. The hidden key makes a double click one operation.
    """

    action: ClassVar[str]

    key = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False)

    def __init__(self, visit: Visit, data: Mapping[str, Any] | None = None, *, initial: Any = None) -> None:
        super().__init__(data, initial={"key": str(uuid4()), **(initial or {})})
        self.visit = visit
        self.tenant: Tenant = visit.tenant
        self.wanted: Params | None = None
        self.prepare()

    @classmethod
    def of(cls) -> Action[Any]:
        """The action that it asks for."""
        return ACTIONS[cls.action]

    def prepare(self) -> None:
        """Fills choices and labels from the inventory."""

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """The action's params from the cleaned fields; what was left empty keeps the params' default."""
        return {name: value for name, value in cleaned.items() if name != "key" and value not in ("", None)}

    def clean(self) -> dict[str, Any]:
        """Builds the params and asks the action what speaks against them."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            self.wanted = self._guess(cleaned)
            return cleaned
        action = self.of()
        try:
            self.wanted = action.params.model_validate(self.as_params(cleaned))
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                self.refuse(Refusal(str(fault["loc"][0]) if fault["loc"] else "", fault["msg"]))
            return cleaned
        for refusal in asking.refusals_of(self.tenant, action, self.wanted):
            self.refuse(refusal)
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """Puts a refusal at its field, or above all where the form has no such field."""
        where = refusal.field if refusal.field in self.fields else None
        self.add_error(where, ui.Refusal(refusal.reason, refusal.ways))

    def _guess(self, cleaned: Mapping[str, Any]) -> Params | None:
        """The params of a form that is not whole yet, for the command beside it."""
        try:
            return self.of().params.model_validate(self.as_params(cleaned))
        except ValidationError:
            return None
