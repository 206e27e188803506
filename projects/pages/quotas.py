"""What a project has left, with what a form would take of it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.formats import Number
from projects import platforms
from projects.actions.base import Action, Params
from projects.models import Limit, Tenant
from projects.pages import gauges


@dataclass(frozen=True, slots=True)
class Planned:
    """A limit beside a form, for the tag `quota`: used, what the form adds, and allowed, in the unit that is shown.

    `allowed` None: no limit. `subject` begins the sentence that says by how much it is too much.
    """

    label: str
    used: Number
    adds: Number
    allowed: Number | None
    unit: str
    subject: str


def planned(tenant: Tenant, action: Action[Any], wanted: Params | None) -> list[Planned]:
    """Return a gauge for each limit that the action takes from; nothing planned while the form is not whole enough."""
    costs = dict.fromkeys(action.measures, 0)
    if wanted is not None:
        costs |= action.costs(tenant, wanted)
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=costs)}
    found = []
    for measure, amount in costs.items():
        limit = limits.get(measure)
        if limit is None or limit.used is None:
            continue
        used, adds = (gauges.shown(measure, value) or 0 for value in (limit.used, amount))
        allowed = gauges.shown(measure, limit.allowed)
        label, unit = str(platforms.measure_of(measure).label), gauges.unit(measure)
        found.append(Planned(label, used, adds, allowed, unit, _("With this")))
    return found
