"""A form that asks for an action: its fields become the action's params, the action's refusals stand at the fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError as Invalid
from django.forms.boundfield import BoundField
from django.utils.choices import BaseChoiceIterator
from pydantic import ValidationError

from portal.ui import forms as ui
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params
from projects.models import Tenant
from projects.operations import asking
from projects.outcomes import Refusal

Choice = tuple[str, Any]


class Later(BaseChoiceIterator):
    """Choices that are read when they are looked at, one after the other, no further than need be."""

    def __init__(self, choices: Callable[[], Iterable[Choice]]) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[Choice]:
        yield from self.choices()


class ActionForm(forms.Form):
    """One action's form in a tenant.

    Fields are called as the params are; `as_params` may be overridden where they differ. Choices are made from the
    inventory in `prepare`. The hidden key makes a double click one operation. `pairs` are fields that stand side by
    side: (("name", "description"),).
    """

    use_required_attribute = False
    action: ClassVar[str]
    pairs: ClassVar[Sequence[Sequence[str]]] = ()

    key = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False)

    def __init__(self, visit: Visit, data: Mapping[str, Any] | None = None, *, initial: Any = None) -> None:
        super().__init__(data, initial={"key": str(uuid4()), **(initial or {})})
        self.visit = visit
        self.tenant: Tenant = visit.tenant
        self.wanted: Params | None = None
        self.prepare()
        if not self.is_bound:
            self.wanted = self._guess(self._beginning())

    @classmethod
    def of(cls) -> Action[Any]:
        """Return the action that it asks for."""
        return ACTIONS[cls.action]

    def prepare(self) -> None:
        """Fill choices and labels from the inventory."""

    def dress(self) -> None:
        """Add what only those see to whom the form is drawn, and is not worth reading for one that is sent."""

    def choose(self, name: str, choices: Iterable[Choice] | Callable[[], Iterable[Choice]]) -> None:
        """Give a field its choices: values with a text or a card.

        As a function where they take long to read: it is called when the field is drawn, or something was chosen.
        """
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name} is no field with choices.")
        field.choices = Later(choices) if callable(choices) else list(choices)

    def said(self, name: str) -> str:
        """Return what a field says now, unchecked. For `prepare`: a field that was drawn keeps its help and choices."""
        value = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return "" if value is None else str(value)

    def lines(self) -> Iterator[list[BoundField]]:
        """Return the visible fields as they are drawn: one to a line, or a pair."""
        beside = {name: pair for pair in self.pairs for name in pair}
        for field in self.visible_fields():
            pair = beside.get(field.name, (field.name,))
            if field.name == pair[0]:
                yield [self[name] for name in pair]

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return the action's params from the cleaned fields; what was left empty keeps the params' default."""
        return {name: value for name, value in cleaned.items() if name != "key" and value not in ("", None)}

    def clean(self) -> dict[str, Any]:
        """Build the params and asks the action what speaks against them."""
        cleaned: dict[str, Any] = super().clean() or {}
        action = self.of()
        if self.errors:
            self.wanted = self._guess(cleaned)
            # What is filled in already is looked at, so that nobody fills in the rest in vain.
            for refusal in asking.refusals_of(self.tenant, action, self.wanted) if self.wanted else ():
                if refusal.field in self.fields and refusal.field not in self.errors:
                    self.refuse(refusal)
            return cleaned
        try:
            self.wanted = action.params.model_validate(self.as_params(cleaned))
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                self.refuse(Refusal(str(fault["loc"][0]) if fault["loc"] else "", fault["msg"]))
            return cleaned
        for refusal in asking.refusals_of(self.tenant, action, self.wanted):
            self.refuse(refusal)
        return cleaned

    def asked(self, grant: UUID) -> Sequence[tuple[str, Params]]:
        """Return what is asked for when the form is sent, each with the key that makes it one operation."""
        return [(self.cleaned_data["key"], self.wanted)] if self.wanted is not None else []

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal at its field, or above all where the form has no such field."""
        where = refusal.field if refusal.field in self.fields else None
        self.add_error(where, ui.Refusal(refusal.reason, refusal.ways))

    def _beginning(self) -> dict[str, Any]:
        """Return what the form says before anybody has typed."""
        said = {}
        for name, field in self.fields.items():
            try:
                said[name] = field.clean(self.get_initial_for_field(field, name))
            except Invalid:
                continue
        return said

    def _guess(self, cleaned: Mapping[str, Any]) -> Params | None:
        """Return the params of a form that is not whole yet, for what is left and the command; "NAME" for a missing
        name.
        """
        params, said = self.of().params, self.as_params(cleaned)
        try:
            return params.model_validate(said)
        except ValidationError as error:
            faults = [fault for fault in error.errors() if fault["type"] in ("missing", "string_too_short")]
        try:
            return params.model_validate(said | {str(f["loc"][0]): str(f["loc"][0]).upper() for f in faults})
        except ValidationError:
            return None
