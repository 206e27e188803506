"""The template library for pages that change things, loaded everywhere (builtin)."""

from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui import formats, forms, row_actions
from portal.ui.status import status_of

register = template.Library()


@register.filter
def refusals(form: django_forms.BaseForm) -> list[forms.Told]:
    """Return what is wrong with a form as a whole."""
    return forms.told(form.non_field_errors())


@register.simple_tag
def form_needs(form: Any) -> str:
    """Return what keeps a form from being sent: {% form_needs form as needs %}. Empty without a form."""
    return forms.needs(form) if form else ""


@register.simple_tag
def menu(id_: str, label: StrOrPromise, actions: Any, big: Any = False) -> SafeString:
    """Render the "…" menu: {% menu "page-menu" _("Actions for web-01") actions True %}."""
    return row_actions.menu(id_, label, actions, big=bool(big))


@register.simple_tag(takes_context=True)
def row_pick(context: Context, row: Any, kind: str) -> str:
    """Render the first cell of a row in a list with bulk actions: {% row_pick volume "volume" %}. Else nothing."""
    if not context.get("bulk"):
        return ""
    word = str(status_of(kind, row.status).word)
    return row_actions.pick_cell(row.external_id, str(row), word[:1].lower() + word[1:])


@register.simple_tag(takes_context=True)
def row_menu(context: Context, row: Any) -> str:
    """Render a row's last cell, which opens its menu: {% row_menu volume %}. Nothing for people who may only read."""
    if not context.get("has_menu"):
        return ""
    return row_actions.menu_cell(row.external_id, str(row))


@register.simple_tag
def menu_cell(id_: str, name: str) -> SafeString:
    """Render the same for a row that is not a database row: {% menu_cell "9b1f" "web-01" %}."""
    return row_actions.menu_cell(id_, name)


@register.simple_tag
def menu_items(actions: Any) -> SafeString:
    """Render the entries of an open menu: {% menu_items actions %}."""
    return row_actions.items(actions)


@register.simple_tag
def quota(
    label: StrOrPromise,
    used: formats.Number,
    allowed: formats.Number | None,
    planned: formats.Number = 0,
    unit: str = "",
    subject: StrOrPromise = "",
) -> SafeString:
    """Render what a form adds to the usage: {% quota _("Volume storage") 560 1000 480 "GB" _("With this volume") %}.

    The planned part follows, paler; too much is red, with a sentence. `allowed` None or negative: no limit.
    """
    unlimited = allowed is None or allowed < 0
    total = Decimal(str(used)) + Decimal(str(planned))
    limit = Decimal(str(allowed or 0))
    over = Decimal(0) if unlimited else total - limit

    def share(part: Decimal) -> float:
        return float(min(part, limit) / limit * 100) if limit > 0 else 0.0

    at = 0.0 if unlimited else share(Decimal(str(used)))
    end = 0.0 if unlimited else share(total)
    too_much = ""
    if over > 0 and planned:
        said = {
            "subject": subject or _("Together"),
            "total": _with(total, unit),
            "over": _with(over, unit),
        }
        too_much = _("%(subject)s: %(total)s, %(over)s over the limit") % said
    drawn = {
        "label": label,
        "used": formats.number(used),
        "planned": formats.number(planned) if planned else "",
        "allowed": None if unlimited else formats.number(allowed or 0),
        "unit": unit,
        "percent": f"{at:.1f}%",
        "plan": f"{end - at:.1f}%",
        "too_much": too_much,
    }
    return render_to_string("components/quota.html", drawn)


def _with(amount: Decimal, unit: str) -> str:
    return f"{formats.number(amount)}{formats.NO_BREAK + unit if unit else ''}"
