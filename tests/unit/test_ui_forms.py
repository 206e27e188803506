"""Forms: what is drawn of a field, and what is said when something is refused."""

import re
from typing import Any

import pytest
from django import forms as django_forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import RequestFactory

from portal.ui import forms
from portal.ui.forms import Card, CardField, CardSelect, FigureField, ManyCardsField, NameAgain, Refusal, Way


class VolumeForm(django_forms.Form):
    """One of each."""

    use_required_attribute = False
    name = django_forms.CharField(help_text="What people call it.")
    description = django_forms.CharField(required=False)
    size = FigureField(unit="GB", least=1, most=440)
    source = CardField(
        initial="empty",
        choices=[("empty", Card("Empty", "Format it")), ("volume", Card("Volume", blocked="None is free."))],
    )
    server = CardField(
        required=False,
        widget=CardSelect,
        choices=[("", "Nothing"), ("1", Card("db-01", "running")), ("2", Card("db-02", blocked="in another zone"))],
    )
    groups = ManyCardsField(
        required=False,
        initial=["web", "backup"],
        choices=[("web", Card("web")), ("ssh", Card("ssh")), ("backup", Card("backup", blocked="Not yours."))],
    )
    start = django_forms.BooleanField(required=False)
    key = django_forms.FileField(required=False)
    data = django_forms.CharField(required=False, widget=django_forms.Textarea)


GOOD = {"name": "data-01", "size": "10", "source": "empty"}


def field(name: str, data: Any = None, /, **changes: Any) -> str:
    form = VolumeForm(data if data is None else {**data, **changes})
    return re.sub(r"\s*\n\s*", " ", form[name].as_field_group()).replace("\N{NO-BREAK SPACE}", " ")


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context({"request": RequestFactory().get("/")} | context))


def test_a_field_has_its_label_above_and_its_help_is_tied_to_it() -> None:
    html = field("name")
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert '<span class="md-hint" id="id_name_helptext">What people call it.</span>' in html
    assert "pf-v6-c-form-control" in html
    assert "required" not in html


def test_optional_is_marked_and_required_is_not() -> None:
    assert "optional" in field("description")
    assert "optional" in field("server")
    for name in ("name", "size", "source", "groups", "start"):
        assert "optional" not in field(name)


def test_a_figure_says_its_unit_and_keeps_what_was_typed() -> None:
    html = field("size", GOOD, size="ten")
    assert ">Size in GB</label>" in html
    assert 'value="ten"' in html
    assert 'inputmode="numeric"' in html
    assert "Enter a whole number." in html


def test_a_refusal_is_tied_to_its_field_and_has_shape_and_words() -> None:
    html = field("size", GOOD, size="500")
    assert "pf-m-error" in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_size_error"' in html
    assert 'id="id_size_error" role="alert"' in html
    assert "g--bad" in html
    assert "At most 440 GB." in html


def test_the_nearest_figure_is_a_click_away() -> None:
    assert 'data-fill="size" data-value="440">Use 440 GB</button>.' in field("size", GOOD, size="500")
    assert 'data-fill="size" data-value="1">Use 1 GB</button>.' in field("size", GOOD, size="0")
    assert VolumeForm(GOOD).is_valid()


def test_ways_on_are_read_as_one_sentence() -> None:
    form = VolumeForm(GOOD)
    ways = [Way("Use 40 GB", "40"), Way("delete some", url="/volumes/"), Way("ask <you>", "no", field="name")]
    form.add_error("size", Refusal("Too much.", ways))
    html = form["size"].as_field_group()
    assert re.search(
        r'Too much\. <button type="button" data-fill="size" data-value="40">Use 40 GB</button>, '
        r'<a href="/volumes/">delete some</a> or '
        r'<button type="button" data-fill="name" data-value="no">ask &lt;you&gt;</button>\.',
        html,
    )


def test_what_is_missing_is_named() -> None:
    form = VolumeForm({"size": "500", "source": "empty"})
    assert "Name is required." in form["name"].as_field_group()
    assert forms.needs(form) == "Still needed: Name. 1 field has an error"
    assert forms.needs(VolumeForm()) == ""
    assert forms.needs(VolumeForm(GOOD)) == ""


def test_the_first_field_that_is_refused_has_the_focus() -> None:
    form = VolumeForm({"source": "empty"})
    assert "autofocus" in form["name"].as_field_group()
    assert "autofocus" not in form["size"].as_field_group()
    assert "autofocus" not in VolumeForm()["name"].as_field_group()


def test_the_foot_keeps_its_button_in_reach_and_says_what_is_missing() -> None:
    foot = '{% include "components/form_foot.html" with form=form action="Create" cancel_url="/back/" note="Soon." %}'
    fine = render(foot, form=VolumeForm())
    assert "aria-disabled" not in fine
    assert "Soon." in fine
    assert 'href="/back/"' in fine
    missing = render(foot, form=VolumeForm({"size": "1", "source": "empty"}))
    assert re.search(r'<button[^>]*type="submit"[^>]*aria-disabled="true"[^>]*aria-describedby="form-needs"', missing)
    assert not re.search(r"<button[^>]*\sdisabled", missing)
    assert '<span class="small soft" id="form-needs">Still needed: Name</span>' in missing


def test_what_is_wrong_with_the_whole_form_stands_above_it() -> None:
    form = VolumeForm(GOOD)
    form.add_error(None, Refusal("Changed by admin.", [Way("See what", url="#what")]))
    html = render('{% include "components/form_errors.html" %}', form=form)
    assert re.search(r'Changed by admin\. <a href="#what">See what</a>\.', html)
    assert forms.needs(form) == "The form has an error"


def test_choices_are_cards_and_a_blocked_one_says_why() -> None:
    html = field("source")
    assert "<fieldset" in html
    assert '<legend class="lab">Source</legend>' in html
    assert '<input type="radio" name="source" id="id_source_0" value="empty" checked>' in html
    assert "<b>Empty</b><small>Format it</small>" in html
    assert 'value="volume" disabled>' in html
    assert '<small class="why">None is free.</small>' in html


def test_a_blocked_choice_that_is_sent_anyway_is_refused_with_its_reason() -> None:
    html = field("source", GOOD, source="volume")
    assert re.search(r'id="id_source_error" role="alert">.*None is free\.', html)
    assert 'aria-describedby="id_source_error"' in html
    assert not VolumeForm(GOOD | {"server": "2"}).is_valid()
    assert VolumeForm(GOOD | {"server": "1"}).is_valid()
    assert VolumeForm(GOOD | {"server": ""}).is_valid()


def test_a_choice_that_does_not_exist_is_refused() -> None:
    assert not VolumeForm(GOOD | {"source": "moon"}).is_valid()


def test_cards_are_lines_of_a_select_when_there_are_many() -> None:
    html = field("server", GOOD, server="1")
    assert re.search(r'<option value="1" selected>\s*db-01, running\s*</option>', html)
    assert re.search(r'<option value="2" disabled>\s*db-02 \(in another zone\)\s*</option>', html)
    assert "#chevron-down" in html


def test_ticks_tell_what_will_change_and_what_is_blocked_stays() -> None:
    html = field("groups", GOOD, groups=["ssh"])
    web, ssh, backup = html.split("<label")[1:]
    assert "checked" not in web
    assert "removing" in web
    assert "checked" in ssh
    assert "adding" in ssh
    assert "removing" not in ssh
    # It is on, can't be taken away, and is sent although its box is disabled.
    assert "checked disabled" in backup
    assert '<input type="hidden" name="groups" value="backup">' in backup


def test_every_field_can_be_replaced_while_one_types() -> None:
    for name in VolumeForm.base_fields:
        html = field(name)
        assert html.count("data-preview-part") == 1
        assert f'id="id_{name}_field" data-field="{name}"' in html


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("start", '<label class="md-check" for="id_start"><input type="checkbox"'),
        ("key", '<span class="md-filepick"><input type="file"'),
        ("data", '<span class="pf-v6-c-form-control"><textarea'),
    ],
)
def test_each_control_has_its_frame(name: Any, control: Any) -> None:
    assert control in field(name)


def test_what_a_person_typed_is_escaped() -> None:
    evil = '"><script>'
    assert "<script" not in field("name", GOOD, name=evil)
    html = NameAgain({"typed": evil}, expected=evil + "x")["typed"].as_field_group()
    assert "<script" not in html
    choices = [(evil, Card(evil, evil, evil, evil))]
    form = type("F", (django_forms.Form,), {"a": CardField(choices=choices), "b": ManyCardsField(choices=choices)})()
    assert "<script" not in form["a"].as_field_group() + form["b"].as_field_group()


def test_a_name_must_be_typed_as_it_is() -> None:
    wrong = NameAgain({"typed": "web-1"}, expected="web-01")
    assert not wrong.is_valid()
    assert "“web-1” does not match. The name is “web-01”." in wrong["typed"].as_field_group()
    assert "Type web-01 to confirm" in wrong["typed"].as_field_group()
    assert NameAgain({"typed": " web-01"}, expected="web-01").is_valid()
    assert not NameAgain({}, expected="web-01").is_valid()


def test_a_preview_is_told_by_its_header() -> None:
    assert forms.is_preview(RequestFactory().post("/", headers={"X-Meshdeck-Preview": "1"}))
    assert not forms.is_preview(RequestFactory().post("/"))


def test_an_upload_reaches_the_form() -> None:
    form = VolumeForm(GOOD, {"key": SimpleUploadedFile("id.pub", b"ssh-ed25519 AAAA")})
    assert form.is_valid()
    assert form.cleaned_data["key"].read() == b"ssh-ed25519 AAAA"
