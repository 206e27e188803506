"""Forms as the panel draws them: `{{ form.name.as_field_group }}` renders label, control, errors and help.

An error says what is wrong, why with numbers, and offers ways to fix it. Choices with a sentence each are cards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from portal.ui import formats

# Sent by preview.js with a form that is being filled in: the page is drawn, nothing is done.
PREVIEW = "X-Meshdeck-Preview"


def is_preview(request: HttpRequest) -> bool:
    """Return whether the form was only sent for a preview: draw the page, do nothing.

    Without scripts, a button named "preview" requests one.
    """
    return request.headers.get(PREVIEW) == "1" or "preview" in request.POST


@dataclass(frozen=True, slots=True)
class Way:
    """A way to fix an error: `value` is put into the field (or into `field`), or `url` is where to go."""

    label: StrOrPromise
    value: str = ""
    url: str = ""
    field: str = ""


class Refusal(ValidationError):
    """What is wrong and why, in one sentence, with ways on: `raise Refusal(text, [Way(_("Use 440 GB"), "440")])`."""

    def __init__(self, message: StrOrPromise, ways: Iterable[Way] = (), code: str = "refused") -> None:
        super().__init__(message, code)
        self.ways = tuple(ways)


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as it is drawn."""

    text: str
    ways: Sequence[Way]


def told(errors: Any, label: str = "") -> list[Told]:
    """Return the refusals in a Django ErrorList. With the field's `label`, a missing value is named."""
    return [
        Told(
            _("%(label)s is required.") % {"label": label} if label and error.code == "required" else message,
            error.ways if isinstance(error, Refusal) else (),
        )
        for error in errors.as_data()
        for message in error
    ]


@dataclass(frozen=True, slots=True)
class Card:
    """A choice with a title and a sentence. `blocked` says why it can't be chosen; `tag` is shown at its end.

    `at_once` is the name of a button that ticks or unticks it and sends the form at once, without review.
    """

    title: StrOrPromise
    text: StrOrPromise = ""
    blocked: StrOrPromise = ""
    tag: StrOrPromise = ""
    at_once: StrOrPromise = ""

    def __str__(self) -> str:
        return f"{self.title}, {self.text}" if self.text else str(self.title)


class FigureInput(forms.TextInput):
    """A number input, as a text field so that no input is lost. With a unit the label reads "Size in GB"."""

    input_type = "text"

    def __init__(self, unit: str = "", attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})
        self.unit = unit


class Blocking(forms.widgets.ChoiceWidget):
    """A widget whose choices may be cards; blocked cards can't be chosen."""

    def create_option(
        self, name: str, value: Any, label: Any, selected: Any, index: Any, subindex: Any = None, attrs: Any = None
    ) -> dict[str, Any]:
        """Return Django's option with its card."""
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        card = label if isinstance(label, Card) else Card(label)
        option["card"] = card
        if card.blocked:
            option["label"] = f"{card} ({card.blocked})"
            option["attrs"]["disabled"] = True
        return option


class CardSelect(Blocking, forms.Select):
    """Cards as lines of a select: "db-01, running, zone nova"."""


class Cards(Blocking, forms.RadioSelect):
    """One of two to six choices. `across` lays them out side by side."""

    template_name = "components/cards.html"

    def __init__(self, *, across: bool = True, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.across = across


class ManyCards(Blocking, forms.CheckboxSelectMultiple):
    """Any number of choices, each of which says what will change: on, adding, removing."""

    template_name = "components/cards.html"
    across = False

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """Return the ticked values, without the one that a card's button (`Card.at_once`) removes."""
        ticked, without = (
            super(ManyCards, self).value_from_datadict(data, files, one) or () for one in (name, f"{name}-without")
        )
        return [one for one in ticked if one not in without]


class Ticks(Blocking, forms.CheckboxSelectMultiple):
    """Any number of choices for a new resource: nothing changes yet, so only ticks show."""

    template_name = "components/cards.html"
    across = True


class CardField(forms.ChoiceField):
    """One choice among cards; a blocked one is refused with its reason. For long lists: `widget=CardSelect`."""

    widget = Cards

    def validate(self, value: Any) -> None:
        """Refuse values that are not among the choices or are blocked."""
        super().validate(value)
        if value in self.empty_values:
            return
        choices: Iterable[tuple[Any, Any]] = self.choices  # type: ignore[assignment]  # a property that iterates
        card = next((card for key, card in choices if str(key) == value), None)
        if isinstance(card, Card) and card.blocked:
            raise Refusal(card.blocked)


class ManyCardsField(forms.MultipleChoiceField):
    """Any number of cards; `initial` is the current state, and blocked cards keep it."""

    widget = ManyCards


class FigureField(forms.IntegerField):
    """A whole number with a unit and bounds, refused in our words: `FigureField(unit="GB", least=1, most=440)`."""

    def __init__(self, *, unit: str = "", least: int | None = None, most: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FigureInput(unit))
        kwargs.setdefault("error_messages", {"invalid": gettext_lazy("Enter a whole number.")})
        super().__init__(**kwargs)
        self.unit, self.least, self.most = unit, least, most

    def validate(self, value: Any) -> None:
        """Refuse a number out of bounds, and offer the nearest allowed one."""
        super().validate(value)
        if value is None:
            return
        for bound, sentence in ((self.least, _("At least %(figure)s.")), (self.most, _("At most %(figure)s."))):
            if bound is not None and (value < bound if bound is self.least else value > bound):
                figure = f"{formats.number(bound)}{formats.NO_BREAK + self.unit if self.unit else ''}"
                way = Way(_("Use %(figure)s") % {"figure": figure}, str(bound))
                raise Refusal(sentence % {"figure": figure}, [way])


class Field(BoundField):
    """A field as templates see it."""

    @property
    def kind(self) -> str:
        """The type of control: text, select, textarea, checkbox, cards or file."""
        widget = self.field.widget
        kinds: dict[type[forms.Widget], str] = {
            forms.CheckboxSelectMultiple: "cards",
            forms.RadioSelect: "cards",
            forms.Select: "select",
            forms.Textarea: "textarea",
            forms.CheckboxInput: "checkbox",
            forms.FileInput: "file",
        }
        return next((kind for base, kind in kinds.items() if isinstance(widget, base)), "text")

    @property
    def optional(self) -> bool:
        """Whether "optional" is shown beside the label. Ticks need no such note.

        A field that is required when it shows (`field.needed`) is not optional.
        """
        needed = self.field.required or getattr(self.field, "needed", False)
        return not needed and not isinstance(self.field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple)

    @property
    def unit(self) -> str:
        """The unit of a number, or nothing."""
        return str(getattr(self.field.widget, "unit", ""))

    @property
    def told(self) -> list[Told]:
        """The field's errors."""
        return told(self.errors, str(self.label))

    def cards(self) -> list[dict[str, Any]]:
        """Return the choices: Django's option, and for ticks whether it is currently set (`was`)."""
        many = isinstance(self.field.widget, forms.CheckboxSelectMultiple) and not isinstance(self.field.widget, Ticks)
        now = {str(value) for value in self.initial or ()} if many else set()
        cards = [widget.data | {"many": many, "was": str(widget.data["value"]) in now} for widget in self.subwidgets]
        # What can't be changed stays as it was, whatever was sent.
        return [card | {"selected": card["was"]} if many and card["card"].blocked else card for card in cards]

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Return Django's attributes; the first field with an error gets the focus when the page comes back."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if self.errors and next((name for name in self.form.fields if name in self.form.errors), "") == self.name:
            built["autofocus"] = True
        return built


class Renderer(TemplatesSetting):
    """The project's templates for forms, and its bound fields."""

    field_template_name = "components/field.html"
    bound_field_class = Field


class NameAgain(forms.Form):
    """Asks to type a name where there is no undo: `NameAgain(request.POST, expected="web-01")`."""

    typed = forms.CharField(
        strip=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["typed"].label = _("Type %(name)s to confirm") % {"name": expected}

    def clean_typed(self) -> str:
        """Refuse any other name."""
        typed: str = self.cleaned_data["typed"]
        if typed.strip() != self.expected.strip():
            raise Refusal(
                _("“%(typed)s” does not match. The name is “%(name)s”.") % {"typed": typed, "name": self.expected}
            )
        return typed


def needs(form: forms.BaseForm) -> str:
    """Return what keeps a form from being sent, for its footer: "Still needed: Name." Empty if nothing does."""
    if not form.is_bound or not form.errors:
        return ""
    missing, wrong = [], 0
    for name, errors in form.errors.items():
        if name in form.fields and any(error.code == "required" for error in errors.as_data()):
            missing.append(str(form[name].label))
        elif name in form.fields:
            wrong += 1
    said = [_("Still needed: %(names)s") % {"names": ", ".join(missing)}] if missing else []
    if wrong:
        said.append(ngettext("%(n)d field has an error", "%(n)d fields have errors", wrong) % {"n": wrong})
    return ". ".join(said) or _("The form has an error")
