"""The headline figures of servers: how many in which state, and what they take."""

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet

from portal.ui.status import status_of
from projects.models import Tenant
from projects.searching import total

FLEET_LENGTH = 60
# The order of the fleet strip.
STATES = ("running", "stopped", "working", "error", "other")
_STATE_OF_ROLE = {"ok": "running", "off": "stopped", "work": "working", "bad": "error"}


def measure(tenant: Tenant) -> dict[str, Any]:
    """Count a tenant's servers by state, and add up their processors and memory (MB)."""
    states: Counter[str] = Counter()
    rows = tenant.servers.values("status", "task_state").annotate(many=Count("id")).order_by()
    for row in rows:
        states[state_of(row["status"], row["task_state"])] += row["many"]
    sizes = tenant.servers.aggregate(vcpus=total("vcpus"), ram_mb=total("ram_mb"))
    return {
        "total": states.total(),
        **{state: states[state] for state in STATES},
        **sizes,
        "fleet": fleet(states),
    }


def fleet(states: Counter[str], length: int = FLEET_LENGTH) -> list[str]:
    """One state per bar of the strip, in order; beyond `length` in proportion, where no state is lost."""
    total = states.total()
    if total <= length:
        return [state for state in STATES for _ in range(states[state])]
    there = [state for state in STATES if states[state]]
    bars = {state: max(1, states[state] * length // total) for state in there}
    while sum(bars.values()) != length:
        # The state whose bars are furthest from its share gives or gets one.
        step = 1 if sum(bars.values()) < length else -1
        state = max(
            (state for state in there if bars[state] + step > 0),
            key=lambda state: step * (states[state] * length / total - bars[state]),
        )
        bars[state] += step
    return [state for state in there for _ in range(bars[state])]


def state_of(status: str, task_state: str) -> str:
    """Return which of STATES a server is in."""
    role = status_of("server", status).role
    if task_state and role != "bad":
        return "working"
    return _STATE_OF_ROLE.get(role, "other")


def any_working(rows: QuerySet[Any]) -> bool:
    """Tell whether one of these servers is in a passing state."""
    return any(state_of(*row) == "working" for row in rows.values_list("status", "task_state").distinct())
