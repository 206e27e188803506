"""Components that change things or show a change on its way."""

import re
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from portal.ui.changing import Action, CommandText, OperationView, Step
from portal.ui.commands import Command, lines
from portal.ui.gallery_data import shell

EVIL = '<script>alert(1)</script>"x'


def render(source: Any, **context: Any) -> str:
    html = Template(source).render(Context({"request": RequestFactory().get("/"), "csrf_token": "token"} | context))
    return re.sub(r"\s*\n\s*", " ", html)


@pytest.mark.parametrize(
    ("used", "allowed", "planned", "figure", "widths", "words"),
    [
        (560, 1000, 440, '<b>560</b> <span class="dim">+ 440</span> of 1,000 GB', ("56.0%", "44.0%"), ""),
        (560, 1000, 480, "+ 480", ("56.0%", "44.0%"), "Together: 1,040 GB, 40 GB over the limit"),
        (20, 20, 2, "+ 2", ("100.0%", "0.0%"), "Together: 22 GB, 2 GB over the limit"),
        (0, 0, 1, "+ 1", ("0.0%", "0.0%"), "Together: 1 GB, 1 GB over the limit"),
        (5, 20, 0, "<b>5</b> of 20 GB", ("25.0%", "0.0%"), ""),
    ],
)
def test_a_quota_shows_what_the_form_would_add_and_says_what_is_too_much(
    used: Any, allowed: Any, planned: Any, figure: Any, widths: Any, words: Any
) -> None:
    html = render("{% quota 'Storage' u a p 'GB' %}", u=used, a=allowed, p=planned).replace("\N{NO-BREAK SPACE}", " ")
    assert figure in html
    assert f'<rect class="gf" width="{widths[0]}"' in html
    assert f'x="{widths[0]}" width="{widths[1]}"' in html
    assert (words in html) if words else ("over the limit" not in html)
    assert ('class="gp bad"' in html) == bool(words)


@pytest.mark.parametrize("allowed", [None, -1])
def test_a_quota_without_limit_is_never_too_much(allowed: Any) -> None:
    html = render("{% quota 'Storage' 3 allowed 1000 %}", allowed=allowed)
    assert "no limit" in html
    assert "over the limit" not in html


def test_a_quota_names_what_the_form_makes() -> None:
    assert "With these servers: 22, 2 over the limit" in render(
        "{% quota 'Servers' 20 20 2 subject='With these servers' %}"
    )


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Command("server stop", things=["web-01"]), "openstack \\\n  server stop web-01"),
        (
            Command(
                "volume create", [("--size", "480"), ("--type", "ssd"), ("--description", "Data of db-01")], ["pg"]
            ),
            "openstack \\\n  volume create --size=480 \\\n  --type=ssd \\\n  --description='Data of db-01' \\\n  pg",
        ),
        (
            Command("server add volume", things=["a-server-with-a-name", "a-volume"]),
            "openstack \\\n  server add volume \\\n  a-server-with-a-name \\\n  a-volume",
        ),
        (
            Command("image set", ["--public"], ["it's $HOME"]),
            "openstack \\\n  image set --public \\\n  'it'\"'\"'s $HOME'",
        ),
    ],
)
def test_commands_are_quoted_and_broken_at_options(command: Command, text: str) -> None:
    assert lines(["openstack"], command) == text


def test_a_command_has_a_choice_of_formats_and_no_prompt() -> None:
    formats = [CommandText("openstack", "openstack", "a \\\n  b"), CommandText("terraform", "Terraform", "c")]
    html = render('{% include "components/command.html" %}', formats=formats)
    assert html.count('type="radio"') == 2
    assert 'value="openstack" form="none" checked' in html
    assert "$ " not in html
    one = render('{% include "components/command.html" %}', formats=formats[:1])
    assert "radio" not in one


def test_steps_say_their_state_three_times() -> None:
    states = ("done", "working", "failed", "cancelled", "waiting")
    steps = [Step(f"Step {state}", state, f"note {state}", "2.6 s") for state in states]
    html = render('{% include "components/steps.html" %}', steps=steps)
    for state, shape in zip(states, ("#check", "g--work", "g--bad", "g--un", ">5</span>"), strict=True):
        item = html.split(f'<li class="{state}">')[1].split("</li>")[0]
        assert shape in item
        assert f'<span class="sr">{state}</span>' in item
        assert f"note {state}" in item
        assert "2.6 s" in item


def test_the_drawer_goes_on_asking_only_while_the_operation_runs() -> None:
    running = OperationView("Attach", "work", "Running", "/op/", running=True)
    html = render('{% include "components/drawer.html" %}', op=running)
    assert "data-running" in html
    assert 'href="/op/"' in html
    ended = OperationView("Attach", "bad", "Failed", "/op/", failure="No.", remedy="Try.", request_id="req-1")
    html = render('{% include "components/drawer.html" %}', op=ended)
    assert "data-running" not in html
    assert 'data-copy="req-1"' in html


def test_an_action_is_a_link_or_a_button_that_posts() -> None:
    button = '{% include "components/button.html" %}'
    link = render(button, action=Action("Console", "/console/", "terminal"))
    assert '<a href="/console/"' in link
    post = render(button, action=Action("Stop", "/stop/", post=True, name="how", value="soft"))
    assert '<button type="submit" form="act" formaction="/stop/" name="how" value="soft"' in post
    blocked = render(button, action=Action("Stop", "/stop/", post=True, blocked="It is off."))
    assert "formaction" not in blocked
    assert "<summary" in blocked
    assert "It is off." in blocked


def test_a_menu_says_why_something_can_not_be_done() -> None:
    actions = [Action("Stop", "/stop/", post=True, blocked="It is off."), Action("Delete", "/del/", danger=True)]
    html = render('{% include "components/menu.html" with id="m" label="Actions for web-01" %}', actions=actions)
    assert 'aria-label="Actions for web-01"' in html
    assert '<button type="button" aria-disabled="true"><span>Stop<small>It is off.</small></span></button>' in html
    assert '<a href="/del/" class="is-danger">' in html


def test_picked_rows_are_sent_with_the_bar_above_them() -> None:
    actions = [Action("Stop", "/stop/", post=True), Action("Delete", "/sure/", danger=True)]
    bar = render('{% include "components/bulk.html" with label="Selected servers" %}', actions=actions)
    assert 'id="bulk" method="post"' in bar
    assert 'name="csrfmiddlewaretoken" value="token"' in bar
    assert 'formaction="/stop/">' in bar
    assert 'formaction="/sure/" formmethod="get">' in bar
    row = render('{% include "components/pick.html" with id="9b1f" name="web-01" what="running" %}')
    assert row.strip() == (
        '<input type="checkbox" name="ids" value="9b1f" form="bulk" data-pick="running" aria-label="Select web-01">'
    )


def test_a_note_offers_undo_as_a_button() -> None:
    html = render(
        '{% include "components/note.html" with text="Stopped." post_url="/undo/" name="op" value="1" action="Undo" %}'
    )
    assert 'form="act" formaction="/undo/" name="op" value="1"' in html


def test_a_confirmation_lists_what_is_lost_and_kept() -> None:
    html = render(
        '{% include "components/confirm.html" with action="Delete" cancel_url="/back/" %}',
        lost=[{"text": "web-01", "small": "and its disk"}],
        kept=[{"text": "logs-01"}],
    )
    assert (
        html.index("This will be lost") < html.index("web-01") < html.index("This will be kept") < html.index("logs-01")
    )
    assert "is-danger" in html
    assert "pf-m-primary" not in html
    assert '<input type="hidden" name="csrfmiddlewaretoken"' in html


def test_operations_on_their_way_are_counted_in_the_top_bar() -> None:
    around = shell()
    top = '{% include "components/top.html" %}'
    assert "md-icon--ops" not in render(top, shell=around)
    around.operations_url = "/atlas@north/operations/"
    assert "md-icon--ops" not in render(top, shell=around)
    around.running = 2
    html = render(top, shell=around)
    assert 'href="/atlas@north/operations/" aria-label="Operations, 2 running"' in html
    assert "g--work" in html


@pytest.mark.parametrize(
    "source",
    [
        '{% include "components/steps.html" %}',
        '{% include "components/drawer.html" %}',
        '{% include "components/button.html" %}',
        '{% include "components/menu.html" with id="m" label=evil actions=actions %}',
        '{% include "components/bulk.html" with label=evil actions=actions %}',
        '{% include "components/pick.html" with id=evil name=evil what=evil %}',
        '{% include "components/confirm.html" with action=evil lost=lost kept=lost %}',
        '{% include "components/command.html" %}',
        "{% quota evil 1 2 3 evil evil %}",
    ],
)
def test_what_the_cloud_sends_is_escaped(source: Any) -> None:
    action = Action(EVIL, EVIL, post=True, blocked=EVIL, name=EVIL, value=EVIL)
    html = render(
        source,
        evil=EVIL,
        steps=[Step(EVIL, "done", EVIL, EVIL)],
        op=OperationView(EVIL, "bad", EVIL, EVIL, time=EVIL, failure=EVIL, remedy=EVIL, command=EVIL, text=EVIL),
        action=action,
        actions=[action, Action(EVIL, EVIL, post=True, name=EVIL, value=EVIL)],
        lost=[{"text": EVIL, "small": EVIL}],
        formats=[CommandText("openstack", EVIL, EVIL)],
    )
    assert "<script" not in html
    assert '"x' not in html
