"""The actions of a table row: its check box and its "…" menu.

Written here and not as templates, since a page of 50 rows has a hundred of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action
from portal.ui.templatetags.meshdeck import icon

# Stands for the name of a row: letters that no language changes.
_NAME = "ROW-NAME"


@lru_cache(maxsize=16)
def _select(_language: str | None) -> list[str]:
    """Return a check box's label in two parts, around the name of its row."""
    return escape(_("Select %(name)s") % {"name": _NAME}).split(_NAME)


def pick_cell(id_: str, name: str, what: StrOrPromise) -> SafeString:
    """Render a row's check box, sent as `ids` by the bar above; `what` is its state in words, counted in the bar."""
    first, last = _select(get_language())
    return mark_safe(  # noqa: S308 - escaped
        f'<td class="pf-v6-c-table__td pick" role="cell"><input type="checkbox" name="ids" value="{escape(id_)}"'
        f' form="bulk" data-pick="{escape(what)}" aria-label="{first}{escape(name)}{last}"></td>'
    )


def menu_cell(id_: str, name: str) -> SafeString:
    """Render the "…" of a row whose page is at `id_`/: a link to its menu, which menu.js opens in place."""
    before, between, after = _menu_cell(get_language())
    return mark_safe(f"{before}{quote(id_, safe='')}{between}{escape(name)}{after}")  # noqa: S308 - escaped


@lru_cache(maxsize=16)
def _menu_cell(_language: str | None) -> tuple[str, str, str]:
    """Render the cell in three parts, around the row's address and its name."""
    first, last = escape(_("Actions for %(name)s") % {"name": _NAME}).split(_NAME)
    return (
        '<td class="pf-v6-c-table__td r" role="cell"><div class="md-pop"><a class="md-icon" href="',
        f'/menu/" data-menu aria-label="{first}',
        f'{last}"></a></div></td>',  # the stylesheet draws the dots: an icon per row would add 5 KB to a page
    )


def menu(id_: str, label: StrOrPromise, actions: Sequence[Action], *, big: bool = False) -> SafeString:
    """Render the "…" menu of a row or page. Blocked actions say why. `big` fits it to the buttons of a page's head."""
    dots = icon("ellipsis")
    if big:
        css, dots = (
            "pf-v6-c-button pf-m-secondary is-icon",
            format_html('<span class="pf-v6-c-button__icon">{}</span>', dots),
        )
    else:
        css = "md-icon"
    return format_html(
        '<details class="md-pop md-pop--end" id="{}"><summary class="{}" aria-label="{}">{}</summary>'
        '<div class="md-pop__panel">{}</div></details>',
        id_,
        css,
        label,
        dots,
        items(actions),
    )


def items(actions: Sequence[Action]) -> SafeString:
    """Render the entries of a menu."""
    return mark_safe(f"<ul>{''.join(f'<li>{_item(action)}</li>' for action in actions)}</ul>")  # noqa: S308 - escaped


def _item(action: Action) -> str:
    before, after = _around(str(action.label), action.icon, action.post, action.danger, str(action.blocked))
    if not before:
        return after
    value = format_html('" name="{}" value="{}', action.name, action.value) if action.post and action.name else ""
    return f"{before}{escape(action.url)}{value}{after}"


# The menus of a list share a few items that differ only in their address.
@lru_cache(maxsize=512)
def _around(label: str, symbol: str, post: bool, danger: bool, blocked: str) -> tuple[str, str]:
    """Render an item in two parts around its address; a blocked one has none and is entirely in the second part."""
    inner = icon(symbol) if symbol else ""
    if blocked:
        said = '<button type="button" aria-disabled="true">{}<span>{}<small>{}</small></span></button>'
        return "", format_html(said, inner, label, blocked)
    css = ' class="is-danger"' if danger else ""
    name, opening = ("button", '<button type="submit" form="act" formaction="') if post else ("a", '<a href="')
    return opening, f'"{css}>{format_html("{}<span>{}</span>", inner, label)}</{name}>'
