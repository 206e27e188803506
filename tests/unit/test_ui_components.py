"""Components say shape, colour and word, and escape what the cloud sends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from portal.ui.status import VOCABULARY, status_of
from portal.ui.templatetags.meshdeck import FleetPart

AT = datetime(2026, 11, 23, 14, 9, 31, tzinfo=UTC)


def render(source: Any, path: Any = "/", **context: Any) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(path)} | context))


def test_a_state_that_is_not_known_is_shown_as_it_is_with_the_dashed_circle() -> None:
    html = render('{% status "server" "TELEPORTING" %}')
    assert "TELEPORTING" in html
    assert "g--un" in html


@pytest.mark.parametrize("kind", VOCABULARY)
def test_an_empty_state_is_not_stated(kind: Any) -> None:
    assert str(status_of(kind, "").word) == "Unknown"


def test_a_status_has_shape_colour_and_word() -> None:
    html = render('{% status "server" "ERROR" "no host free" %}')
    assert "md-status--bad" in html
    assert "M6 0l6 6-6 6-6-6z" in html
    assert "Error: no host free" in html


def test_old_data_loses_its_colour_and_is_dated() -> None:
    html = render('{% status "server" "ACTIVE" seen=at %}', at=datetime.now(UTC).replace(hour=0, minute=0, second=1))
    assert "Last seen running 00:00" in html
    assert "md-status--ok" not in html


@pytest.mark.parametrize(
    "source",
    [
        '{% status "server" evil %}',
        '{% status "server" "ERROR" evil %}',
        '{% badge "ok" evil %}',
        "{% copy evil %}",
        "{% gauge evil 1 2 unit=evil hint=evil %}",
        "{{ evil|highlight:'script' }}",
        '{% include "components/note.html" with title=evil text=evil detail=evil %}',
        '{% include "components/timeline.html" with events=events %}',
        '{% include "components/code.html" with code=evil output=evil %}',
    ],
)
def test_what_the_cloud_sends_is_escaped(source: Any) -> None:
    evil = '<script>alert(1)</script>"x'
    html = render(source, evil=evil, events=[{"role": "ok", "name": evil, "what": evil, "bad": evil, "meta": evil}])
    assert "<script" not in html
    assert '"x' not in html


@pytest.mark.parametrize(
    ("used", "allowed", "width", "role", "words"),
    [
        (0, 20, "0.0%", "", ""),
        (15, 20, "75.0%", "", ""),
        (16, 20, "80.0%", "warn", "4 left"),
        (19.5, 20, "97.5%", "warn", "0.5 left"),
        (20, 20, "100.0%", "bad", "none left"),
        (24, 20, "100.0%", "bad", "4 over the limit"),
    ],
)
def test_gauges_turn_amber_at_80_and_red_at_100_and_say_what_is_left(
    used: Any, allowed: Any, width: Any, role: Any, words: Any
) -> None:
    html = render("{% gauge 'vCPUs' used allowed %}", used=used, allowed=allowed)
    assert f'<rect class="gf {role}" width="{width}"' in html
    assert words in html


@pytest.mark.parametrize("allowed", [None, -1])
def test_a_gauge_without_limit_says_so_and_fills_nothing(allowed: Any) -> None:
    html = render("{% gauge 'vCPUs' 3 allowed %}", allowed=allowed)
    assert "no limit" in html
    assert "gf" not in html


def test_a_gauge_of_nothing_allowed_fills_nothing() -> None:
    html = render("{% gauge 'Networks' 0 0 %}")
    assert "not allowed here" in html
    assert "gf" not in html


def test_the_fleet_has_a_cell_per_server_up_to_60() -> None:
    html = render("{% fleet parts %}", parts=[FleetPart("ok", 58, "running"), FleetPart("bad", 2, "in error")])
    assert html.count("<i") == 60
    assert html.count('class="bad"') == 2
    assert 'aria-label="58 running, 2 in error"' in html


def test_the_fleet_is_a_bar_from_61_on() -> None:
    html = render("{% fleet parts %}", parts=[FleetPart("ok", 59, "running"), FleetPart("off", 2, "stopped")])
    assert "<i" not in html
    assert html.count("<rect") == 2
    assert 'aria-label="59 running, 2 stopped"' in html


def test_an_empty_fleet_draws_nothing() -> None:
    assert render("{% fleet parts %}", parts=[FleetPart("ok", 0, "running")]).strip() == ""


def test_a_column_head_sorts_up_then_down_and_keeps_the_filter() -> None:
    first = render('{% sort_head "name" "Name" "age" %}', "/?q=web&page=3&sort=age")
    assert 'href="?q=web&amp;sort=name"' in first
    assert "aria-sort" not in first
    second = render('{% sort_head "name" "Name" "name" %}', "/?sort=name")
    assert 'href="?sort=-name"' in second
    assert 'aria-sort="ascending"' in second
    assert 'aria-sort="descending"' in render('{% sort_head "name" "Name" "-name" %}')


def test_the_pager_counts_truly_and_offers_what_the_filter_hides() -> None:
    page = Paginator(range(214), 50).page(2)
    html = render('{% pager page 214 220 "servers" %}', "/?q=web&page=2", page=page)
    assert "51 to 100 of 214 servers." in html
    assert "6 are hidden by the filter." in html
    assert "Show all 220" in html
    assert 'href="?q=web&amp;page=1"' in html
    assert 'href="?q=web&amp;page=3"' in html


def test_a_single_page_needs_no_links() -> None:
    html = render('{% pager page 12 12 "servers" %}', page=Paginator(range(12), 50).page(1))
    assert "12 servers, all shown." in html
    assert "<nav" not in html


def test_a_found_name_is_marked_where_it_matches() -> None:
    assert render("{{ 'Web-01'|highlight:'web' }}") == "<mark>Web</mark>-01"
    assert render("{{ 'db-01'|highlight:'web' }}") == "db-01"


def test_a_stamp_of_old_data_says_last_known() -> None:
    html = render('{% include "components/stamp.html" with stamp=stamp %}', stamp={"at": AT, "old": True})
    assert "last known" in html
    assert 'datetime="2026-11-23T14:09:31+00:00"' in html
    assert "g--warn" in html


def test_the_command_is_copied_without_its_prompt() -> None:
    html = render('{% include "components/code.html" with code="openstack server list" %}')
    assert 'data-copy="openstack server list"' in html
