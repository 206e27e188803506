"""The template library, loaded everywhere (builtin): what components need computed, and the smallest parts.

`icon`, `glyph`, `status`, `badge` and `copy` are in every row of every table, so they are written here and not as
templates: a page of 50 rows has hundreds of them. Everything bigger is a partial in templates/components/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.base import Parser, Token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui import charts, formats, kept
from portal.ui.second_look import Main
from portal.ui.shell import NavGroup, Place, ProjectLink, Shell
from portal.ui.status import Role, status_of

register = template.Library()

register.filter("number", formats.number)
register.filter("count", formats.count)
register.filter("size", formats.size)
register.filter("gib", formats.gibibytes)
register.filter("mib", formats.mebibytes)
register.filter("clock", formats.clock)
register.filter("moment", formats.moment)
register.filter("short_moment", formats.short_moment)
register.filter("age", formats.age)
register.filter("ago", formats.ago)
register.filter("duration", formats.duration)
register.filter("ms", formats.milliseconds)

# The status shapes: ours, not icons. Their outlines differ, so that they can be told apart without colour.
_SHAPES: dict[Role, str] = {
    "ok": '<circle cx="6" cy="6" r="5"/>',
    "warn": '<path d="M6 .6 11.7 11H.3z"/>',
    "bad": '<path d="M6 0l6 6-6 6-6-6z"/>',
    "off": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.7"/>',
    "un": '<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-dasharray="2.2 2.2"/>',
    "work": '<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="2.1"'
    ' stroke-dasharray="19 9" stroke-linecap="round"/>',
}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """Render a Lucide icon from the sprite, beside a word: {% icon "server" %}, {% icon "menu" "i--l" %}."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("meshdeck/icons.svg"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=64)
def glyph(role: Role, css: str = "") -> SafeString:
    """Render a status shape alone; a word must be beside it."""
    return format_html(
        '<svg class="g g--{}{}" viewBox="0 0 12 12" aria-hidden="true">{}</svg>',
        role,
        f" {css}" if css else "",
        mark_safe(_SHAPES[role]),  # noqa: S308 - from the table above
    )


@register.simple_tag
def badge(role: Role, word: StrOrPromise) -> SafeString:
    """Render shape, colour and word: {% badge "warn" _("Not answering") %}."""
    return mark_safe(f'<span class="md-status md-status--{role}">{glyph(role)}{conditional_escape(word)}</span>')  # noqa: S308


@register.simple_tag
def status(kind: str, state: str, reason: str = "", seen: datetime | None = None) -> SafeString:
    """Render the badge of a cloud's state: {% status "server" server.status %}.

    `reason` follows the word ("Error: no host free"). `seen` says that the data is old: the word of that time, dated
    and without its colour ("Last seen running 14:09").
    """
    if seen:
        word = str(status_of(kind, state).word)
        at = formats.moment(seen).rpartition(":")[0]
        return badge("off", _("Last seen %(word)s %(time)s") % {"word": word[:1].lower() + word[1:], "time": at})
    return _status(kind, state, reason, get_language())


# Lists are redrawn with every change, mostly from the same words: both caches nearly always hit.
@lru_cache(maxsize=1024)
def _status(kind: str, state: str, reason: str, _language: str | None) -> SafeString:
    known = status_of(kind, state)
    return badge(known.role, f"{known.word}: {reason}" if reason else known.word)


@register.simple_tag
def copy(value: str, text: str = "", label: str = "") -> SafeString:
    """Render a chip that copies `value`; `text` is shown instead, `label` names it: {% copy id label=_("id") %}."""
    return _copy(str(value), text, label, get_language())


@lru_cache(maxsize=4096)
def _copy(value: str, text: str, label: str, _language: str | None) -> SafeString:
    # Name what is copied if that is not visible anyway.
    title = format_html(' title="{}"', _("Copy %(what)s") % {"what": label or value}) if label or text else ""
    return format_html(
        '<button class="md-copy" type="button" data-copy="{}"{}><span>{}</span>{}<span class="sr">{}</span></button>',
        value,
        title,
        text or value,
        icon("copy"),
        _("Copy"),
    )


@register.simple_tag(name="kept")
def kept_part(template: str, **context: Any) -> SafeString:
    """Render a component again only when something in it has changed: {% kept "components/tabs.html" tabs=tabs %}.

    It sees only the context passed to it.
    """
    return kept.drawn(template, context)


class _MainNode(template.Node):
    """What stands between {% main %} and {% endmain %}: drawn, or as it was at an earlier look (second_look.py)."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        main: Main | None = context.get("main")
        if main is None:
            return self.nodelist.render(context)
        return main.draw(str(context.get("title", "")), lambda: self.nodelist.render(context))


@register.tag(name="main")
def main_part(parser: Parser, _token: Token) -> _MainNode:
    """Mark the main part of a page."""
    nodelist = parser.parse(("endmain",))
    parser.delete_first_token()
    return _MainNode(nodelist)


@register.simple_tag
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    """Write the attributes of a form's widget, as Django's own template does: True stands alone, False not at all."""
    written = (
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in attrs.items()
        if value is not False
    )
    return format_html_join("", "{}", ((one,) for one in written))


@register.simple_tag
def options(groups: Sequence[tuple[str | None, Sequence[Mapping[str, Any]], int]]) -> SafeString:
    """Write the options of a select, which may be hundreds: lists of volumes, of groups, of addresses."""
    parts = []
    for title, choices, _index in groups:
        rows = ((one["value"], attributes(one["attrs"]), one["label"]) for one in choices)
        written = format_html_join("\n", '<option value="{}"{}>{}</option>', rows)
        parts.append(format_html('<optgroup label="{}">\n{}\n</optgroup>', title, written) if title else written)
    return format_html_join("\n", "{}", ((one,) for one in parts))


@register.simple_tag
def short_id(value: str) -> str:
    """Return the beginning of a long id, as shown in a copy chip: 9b1f4c7e…"""
    return value if len(value) <= 12 else f"{value[:8]}…"


@register.simple_tag
def side(shell: Shell) -> SafeString:
    """Render the plate and the menu: {% side shell %}. Redrawn only when something in them has changed."""
    groups = tuple(NavGroup(tuple(group.items), group.title) for group in shell.groups)
    return _side(
        shell.project, shell.location, shell.active, tuple(shell.projects), tuple(shell.places), groups, get_language()
    )


# The arguments are all that the side shows, so people never share a side that should differ.
@lru_cache(maxsize=1024)
def _side(
    project: str,
    location: str,
    active: str,
    projects: tuple[ProjectLink, ...],
    places: tuple[Place, ...],
    groups: tuple[NavGroup, ...],
    _language: str | None,
) -> SafeString:
    shell = Shell(active, project, location, projects, places, groups)
    return render_to_string("components/side.html", {"shell": shell})


@register.simple_tag
def gauge(
    label: StrOrPromise,
    used: formats.Number,
    allowed: formats.Number | None,
    unit: str = "",
    hint: StrOrPromise = "",
) -> SafeString:
    """Render usage of a limit with quarter ticks; amber from 80 %, red from 100 %, and what is left in words.

    `allowed` None or negative: no limit. `hint` follows what is left ("enough for one more m1.medium").
    """
    return _gauge(str(label), used, allowed, unit, str(hint), get_language())


# Typed: 2 and 2.0 are equal but read differently.
@lru_cache(maxsize=4096, typed=True)
def _gauge(
    label: str, used: formats.Number, allowed: formats.Number | None, unit: str, hint: str, _language: str | None
) -> SafeString:
    unlimited = allowed is None or allowed < 0
    percent, role, left = 0.0, "", ""
    if not unlimited:
        # With nothing allowed the bar is full, whatever the usage.
        percent = 100.0 if not allowed else min(100.0, float(used) / float(allowed) * 100)
        rest = Decimal(str(allowed)) - Decimal(str(used))
        amount = f"{formats.number(abs(rest))}{formats.NO_BREAK + unit if unit else ''}"
        if rest < 0:
            role, left = "bad", _("%(amount)s over the limit") % {"amount": amount}
        elif not allowed:
            role, left = "", _("not allowed here")
        elif rest == 0:
            role, left = "bad", _("none left")
        elif percent >= 80:
            role, left = "warn", _("%(amount)s left") % {"amount": amount}
    drawn = {
        "label": label,
        "used": formats.number(used),
        "allowed": None if unlimited else formats.number(allowed or 0),
        "unit": unit,
        "percent": f"{percent:.1f}%",
        "role": role,
        "empty": allowed == 0,
        "left": left,
        "hint": hint if left else "",
    }
    return render_to_string("components/gauge.html", drawn)


@dataclass(frozen=True, slots=True)
class FleetPart:
    """A number of things with one role: FleetPart("ok", 11, "running"). `word` is lower case, as in "11 running"."""

    role: Role
    count: int
    word: StrOrPromise


FLEET_CELLS = 60


@register.inclusion_tag("components/fleet.html")
def fleet(parts: Sequence[FleetPart], small: bool = False, at: datetime | None = None) -> dict[str, Any]:
    """Render one cell per thing up to 60, then a bar. `at` dates the label of old data."""
    total = sum(part.count for part in parts)
    said = ", ".join(f"{formats.number(part.count)} {part.word}" for part in parts if part.count)
    if at:  # a missing variable arrives as ""
        said = _("%(what)s at %(time)s") % {"what": said, "time": formats.clock(at)}
    x, bars = 0.0, []
    if total > FLEET_CELLS:
        for part in parts:
            width = part.count / total * 100
            bars.append({"role": part.role, "x": f"{x:.2f}%", "width": f"{width:.2f}%"})
            x += width
    return {
        "cells": [] if bars else [part.role for part in parts for _n in range(part.count)],
        "bars": bars,
        "label": said,
        "small": small,
    }


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[formats.Number | None]) -> dict[str, Any]:
    """Render a small line without axes for a list of values, oldest first; None breaks it. Put a number beside it."""
    return {"spark": charts.sparkline(values)}


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, label: StrOrPromise, sort: str, css: str = "") -> SafeString:
    """Render a sortable column head: {% sort_head "name" _("Name") sort %}, where `sort` is the list's order ("-name").

    The link keeps the rest of the address and goes back to the first page.
    """
    ascending = sort == key
    descending = sort == f"-{key}"
    query = context["request"].GET.copy()
    for other in ("page", "op"):  # drawer.js keeps the operation in the drawer
        query.pop(other, None)
    query["sort"] = f"-{key}" if ascending else key
    head = {
        "label": label,
        "href": f"?{query.urlencode()}",
        "aria": "ascending" if ascending else "descending" if descending else "",
        "arrow": "arrow-up" if ascending else "arrow-down" if descending else "",
        "css": css,
    }
    return kept.drawn("components/sort_head.html", head)


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Any, shown: int, total: int, noun: StrOrPromise) -> SafeString:
    """Render links to the other pages and true counts, for a Django `Page`.

    `shown` is the number of rows that pass the filter, `total` the number of all; `noun` is their plural ("servers").
    `csv_url`, `json_url` and `command` are offered at the end if the page's context has them.
    """
    query = context["request"].GET.copy()
    query.pop("op", None)

    def href(n: int) -> str:
        query["page"] = str(n)
        return f"?{query.urlencode()}"

    foot = {
        "number": page.number,
        "pages": page.paginator.num_pages,
        "first": page.start_index(),
        "last": page.end_index(),
        "shown": formats.number(shown),
        "total": formats.number(total),
        "nothing": total > 0 and not shown,
        "hidden": total - shown,
        "noun": noun,
        "previous": href(page.previous_page_number()) if page.has_previous() else "",
        "next": href(page.next_page_number()) if page.has_next() else "",
        "csv_url": context.get("csv_url", ""),
        "json_url": context.get("json_url", ""),
        "command": context.get("command", ""),
    }
    return kept.drawn("components/pager.html", foot)


@register.filter
def highlight(text: str, query: str) -> SafeString:
    """Mark the first match of `query` in `text`, ignoring case."""
    start = text.lower().find(query.lower()) if query else -1
    if start < 0:
        return conditional_escape(text)
    end = start + len(query)
    return format_html("{}<mark>{}</mark>{}", text[:start], text[start:end], text[end:])
