"""The headline figures of a tenant, measured from its rows in one place, so that no two pages count differently.

Each kind of thing says how it is counted (`Kind.figures`).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q

from projects.kinds import KINDS
from projects.models import Resource, Tenant


def parts() -> list[str]:
    """Return the names of all parts of the figures."""
    return [kind.part for kind in KINDS.values() if kind.figures]


def service_of(part: str) -> str:
    """Return the service that tells of this part."""
    return next(kind.service for kind in KINDS.values() if kind.part == part)


def measure(tenant: Tenant, wanted: Collection[str] | None = None) -> dict[str, Any]:
    """Return the figures as pages read them from `Tenant.figures`, or some parts of them. RAM in MB, volumes in GB,
    objects in bytes.

    What belongs to a service that was never read is left out: nothing is known of it, which is not zero.
    """
    read = set(tenant.readings.exclude(as_of=None).values_list("service", flat=True))
    return {
        kind.part: kind.figures(tenant)
        for kind in KINDS.values()
        if kind.figures and kind.service in read and (wanted is None or kind.part in wanted)
    }


def parts_of(model: type[Resource]) -> Collection[str]:
    """Return the parts of the figures that rows of this model are counted in."""
    found = [kind for kind in KINDS.values() if kind.model is model]
    return {part for kind in found for part in (*([kind.part] if kind.figures else []), *kind.counted_in)}


def may_pass(models: Collection[type[Resource]]) -> bool:
    """Tell whether rows of one of these models may be in a passing state."""
    return any(kind.passing for kind in KINDS.values() if kind.model in models)


def is_changing(tenant: Tenant, since: datetime | None = None) -> bool:
    """Tell whether something is in a passing state, so that looking again soon pays.

    With `since` only those count that changed after it: what hangs in such a state for hours is left out.
    """
    lately = Q() if since is None else Q(changed_at__gt=since)
    return any(kind.passing(kind.rows(tenant).filter(lately)) for kind in KINDS.values() if kind.passing)
