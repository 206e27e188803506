"""What a project has left, and the words for asking too much."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.forms import Way
from projects import platforms
from projects.models import Limit, Tenant
from projects.outcomes import Refusal

# Measures by their keys, in an enum of their platform's or plain.
Wanted = TypeVar("Wanted", bound=str)
Field = TypeVar("Field", bound=str)


def too_much(
    tenant: Tenant,
    wanted: Mapping[Wanted, int],
    fields: Mapping[Field, str],
    *,
    fits: str | None = None,
    has: int = 0,
) -> Iterator[Refusal]:
    """Return a refusal for each limit that `wanted` goes beyond. `fields` names the params' field for each measure.

    For the measure `fits` the way on offers the largest number that does, where one does; for a thing that grows it is
    counted from what it `has` already.
    """
    named: dict[str, str] = {str(measure): field for measure, field in fields.items()}
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=wanted)}
    for measure, amount in wanted.items():
        limit = limits.get(measure)
        if limit is None or limit.allowed is None or limit.used is None or limit.used + amount <= limit.allowed:
            continue
        left = max(0, limit.allowed - limit.used)
        field, ways = named.get(measure, ""), []
        if measure == fits and left and field:
            most = has + left
            ways.append(Way(_("Use %(n)s") % {"n": said(measure, most)}, value=str(most), field=field))
        # Where nothing is in use there is nothing to free.
        if limit.used and (freed_in := platforms.measure_of(measure).freed_in):
            key, label = freed_in
            ways.append(Way(label, url=f"/{tenant.handle}/{key}/"))
        yield Refusal(field, _words(tenant, measure, amount, left, limit.allowed), ways)


def said(measure: str, amount: int) -> str:
    """Return an amount with its unit: "80 GB", "16 GB", "3"."""
    declared = platforms.measure_of(measure)
    if declared.unit == "GB" and declared.divisor == 1024:
        return str(formats.mebibytes(amount))
    return f"{formats.number(amount // declared.divisor)} {declared.unit}".strip()


def _words(tenant: Tenant, measure: str, amount: int, left: int, allowed: int) -> str:
    declared = platforms.measure_of(measure)
    label = str(declared.label)
    values = {
        "amount": said(measure, amount),
        "over": said(measure, amount - left),
        "left": said(measure, left),
        "part": _part(said(measure, left), said(measure, allowed)),
        "allowed": said(measure, allowed),
        "project": tenant.project.name,
        "location": tenant.location.name,
        "what": label[0].lower() + label[1:],  # floating IPs, vCPUs
    }
    if not allowed:
        return (
            _("%(location)s allows %(project)s no %(what)s: the limit is 0. Only its operator can raise it.") % values
        )
    if declared.unit:
        return _("%(amount)s is %(over)s more than %(project)s has left in %(location)s (%(part)s).") % values
    if left == 0:
        return _("%(project)s has no %(what)s left in %(location)s: all %(allowed)s are in use.") % values
    return (
        _("%(amount)s more %(what)s are wanted, and %(project)s has %(left)s of %(allowed)s left in %(location)s.")
        % values
    )


def _part(left: str, whole: str) -> str:
    """ "440 of 1,000 GB", with the unit once where both have the same."""
    (number, *unit), (_number, *same) = left.split(), whole.split()
    return _("%(left)s of %(whole)s") % {"left": number if unit == same else left, "whole": whole}
