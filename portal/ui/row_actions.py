"""What can be done with a row of a table: its check box and its "…" menu.

Written here and not as templates, since a page of 50 rows has a hundred of them.
"""

from collections.abc import Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui.changing import Action
from portal.ui.templatetags.meshdeck import icon


def pick(id_: str, name: str, what: StrOrPromise) -> SafeString:
    """The check box of a row, sent as `ids` by the bar above; `what` is its state in words, counted in the bar."""
    return format_html(
        '<input type="checkbox" name="ids" value="{}" form="bulk" data-pick="{}" aria-label="{}">',
        id_,
        what,
        _("Select %(name)s") % {"name": name},
    )


def menu(id_: str, label: StrOrPromise, actions: Sequence[Action], *, big: bool = False) -> SafeString:
    """The "…" menu of a row or page. What is blocked says why. `big` beside the buttons of a page's head."""
    dots = icon("ellipsis")
    if big:
        css, dots = (
            "pf-v6-c-button pf-m-secondary is-icon",
            format_html('<span class="pf-v6-c-button__icon">{}</span>', dots),
        )
    else:
        css = "md-icon"
    items = "".join(f"<li>{_item(action)}</li>" for action in actions)
    return format_html(
        '<details class="md-pop md-pop--end" id="{}"><summary class="{}" aria-label="{}">{}</summary>'
        '<div class="md-pop__panel"><ul>{}</ul></div></details>',
        id_,
        css,
        label,
        dots,
        mark_safe(items),  # noqa: S308 - escaped in `_item`
    )


def _item(action: Action) -> SafeString:
    inner = icon(action.icon) if action.icon else ""
    danger = mark_safe(' class="is-danger"') if action.danger else ""
    if action.blocked:
        said = '<button type="button" aria-disabled="true">{}<span>{}<small>{}</small></span></button>'
        return format_html(said, inner, action.label, action.blocked)
    if action.post:
        value = format_html(' name="{}" value="{}"', action.name, action.value) if action.name else ""
        said = '<button type="submit" form="act" formaction="{}"{}{}>{}<span>{}</span></button>'
        return format_html(said, action.url, value, danger, inner, action.label)
    return format_html(
        '<a href="{}"{}>{}<span>{}</span></a>', action.url, danger, inner, conditional_escape(action.label)
    )
