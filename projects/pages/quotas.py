"""What a project has left, with what a form would take of it."""

from dataclasses import dataclass
from typing import Any

from portal.ui.formats import Number
from projects.actions.base import Action, Params
from projects.models import Limit, Measure, Tenant
from projects.pages import gauges


@dataclass(frozen=True, slots=True)
class Planned:
    """A limit beside a form: used, what the form adds, and allowed, in the unit that is shown."""

    label: str
    used: Number
    adds: Number
    allowed: Number
    unit: str


def planned(tenant: Tenant, action: Action[Any], wanted: Params | None) -> list[Planned]:
    """A gauge for each limit that the action takes from; nothing planned while the form is not whole enough."""
    costs = action.costs(tenant, wanted) if wanted is not None else dict.fromkeys(action.measures, 0)
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=costs)}
    found = []
    for measure, amount in costs.items():
        limit = limits.get(measure)
        if limit is None or limit.used is None or limit.allowed is None:
            continue
        used, adds, allowed = (gauges.shown(measure, value) or 0 for value in (limit.used, amount, limit.allowed))
        found.append(Planned(str(Measure(measure).label), used, adds, allowed, gauges.unit(measure)))
    return found
