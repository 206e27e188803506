"""What is written faster than Django's own templates for widgets says the same as they do."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from portal.ui.forms import Renderer

CHOICES = [
    ("", "Choose one"),
    ("<b>", "a & b"),
    (1, 'web"1'),
    ("Zone <a>", [("x", "x"), ("y", "y")]),
]
ATTRS = {"id": "one", "data-x": 'a"b<c>', "required": True, "disabled": False, "maxlength": 1, "tabindex": 1000}


@pytest.mark.parametrize("value", ["", "<b>", "1", "y", "unknown"])
@pytest.mark.parametrize(
    "widget",
    [
        forms.Select(choices=CHOICES),
        forms.SelectMultiple(choices=CHOICES),
        forms.RadioSelect(choices=CHOICES[:2]),
        forms.TextInput(),
        forms.Textarea(),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_widget_is_written_as_django_writes_it(widget: forms.Widget, value: str) -> None:
    said: object = [value] if isinstance(widget, forms.SelectMultiple) else value
    ours = widget.render("name", said, ATTRS, renderer=Renderer())
    assert parse_html(ours) == parse_html(widget.render("name", said, ATTRS, renderer=DjangoTemplates()))


def test_what_people_name_things_stays_text() -> None:
    names = forms.Select(choices=[("</select><script>", "</option><script>alert(1)</script>")])
    assert "<script>" not in names.render("name", "", {}, renderer=Renderer())
