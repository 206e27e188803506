"""What needs the person: what the wings find, silent locations, and limits that are nearly reached."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.ui import formats
from portal.ui.status import Role
from projects import platforms
from projects.models import Limit, Location, Tenant
from projects.pages import gauges
from projects.registry import Registry

# From this share on a limit is told above the projects, before it stops somebody.
NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Matter:
    """A line of "Needs attention": what is, what to do, where, and the way there."""

    role: Role
    title: str
    text: str
    where: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a wing finds in need of the person, in these tenants."""

    key: str
    matters: Callable[[Sequence[Tenant]], Sequence[Matter]]


SOURCES: Registry[Source] = Registry(Source, lambda source: source.key)


def matters(tenants: Sequence[Tenant], locations: Sequence[Location], changeable: Collection[int]) -> list[Matter]:
    """Everything that needs the person, the worst first (two queries). `changeable`: the tenants where the person may
    change something, by primary key.
    """
    found = [matter for source in SOURCES.values() for matter in source.matters(tenants)]
    return [*found, *_silent(locations), *_short(tenants, changeable)]


def _silent(locations: Sequence[Location]) -> list[Matter]:
    found = []
    for location in locations:
        if location.health not in (Location.Health.DOWN, Location.Health.DEGRADED):
            continue
        since = location.failing_since or location.answered_at
        name = capfirst(location.name)
        if location.health == Location.Health.DEGRADED:
            title, text = _("%(place)s answers only in part") % {"place": name}, capfirst(location.reason)
        elif since:
            title = _("%(place)s has not answered since %(time)s") % {
                "place": name,
                "time": formats.short_moment(since),
            }
            text = _("Figures from %(place)s are %(ago)s old. Nothing there was changed by this.") % {
                "place": location.name,
                "ago": formats.ago(location.answered_at or since),
            }
            if not platforms.has_inventory(location):  # of which there are no figures
                text = capfirst(location.reason)
        else:
            title, text = _("%(place)s does not answer") % {"place": name}, capfirst(location.reason)
        where = location.name
        if location.next_try_at and location.next_try_at > timezone.now():
            where += " · " + _("next try at %(time)s") % {"time": formats.clock(location.next_try_at)}
        found.append(Matter("warn", title, text, where, f"/locations/{location.name}/", _("Details")))
    return found


def _remedy(tenant: Tenant, left: int, may_change: bool) -> str:
    """Say what helps where a limit is nearly reached, to those who can do it or know whom to ask."""
    words = {"place": tenant.location.name}
    if may_change and left <= 0:
        said = _("Nothing is left. Free some, or ask the operator of %(place)s to raise the limit.")
    elif may_change:
        said = _("Free some, or ask the operator of %(place)s to raise the limit.")
    elif left <= 0:
        said = _(
            "Nothing is left. Members of the project can free some, and the operator of %(place)s raise the limit."
        )
    else:
        said = _("Members of the project can free some, and the operator of %(place)s raise the limit.")
    return said % words


def _short(tenants: Sequence[Tenant], changeable: Collection[int]) -> list[Matter]:
    by_id = {tenant.pk: tenant for tenant in tenants}
    limits = Limit.objects.filter(tenant__in=by_id, allowed__gt=0, used__gte=F("allowed") * NEARLY)
    found = []
    for limit in limits.order_by("tenant", "measure"):
        tenant = by_id[limit.tenant_id]
        used, allowed = gauges.shown(limit.measure, limit.used), gauges.shown(limit.measure, limit.allowed)
        unit = gauges.unit(limit.measure)
        left = (limit.allowed or 0) - (limit.used or 0)
        words = {
            "what": platforms.measure_of(limit.measure).label,
            "used": formats.number(used or 0),
            "allowed": formats.number(allowed or 0) + (f" {unit}" if unit else ""),
        }
        title = _("%(what)s: %(used)s of %(allowed)s are used") % words
        text = _remedy(tenant, left, tenant.pk in changeable)
        found.append(Matter("warn", title, text, place_of(tenant), f"/{tenant.handle}/", _("Limits")))
    return found


def place_of(tenant: Tenant) -> str:
    """Say "atlas @ north"."""
    return f"{tenant.project.slug} @ {tenant.location.name}"
