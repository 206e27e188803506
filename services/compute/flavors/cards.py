"""The choice of a flavor: what each has, what it takes of the project's limits, and what is left then."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from portal.ui import formats
from portal.ui.forms import Card, CardField
from projects.models import Limit, Tenant
from services.compute.models import Flavor
from services.openstack.words import Measure

# What a flavor takes of.
MEASURES = (Measure.VCPUS, Measure.RAM_MB)


@dataclass(frozen=True, slots=True)
class FlavorCard(Card):
    """A flavor as a line of a table. `share` in percent is the larger part of a limit that it takes; None: no limit.

    `left` says what remains, `over` that it is more than there is.
    """

    vcpus: str = ""
    memory: str = ""
    disk: str = ""
    share: int | None = None
    left: StrOrPromise = ""
    over: bool = False
    now: bool = False


class FlavorField(CardField):
    """One flavor among lines, drawn by compute/parts/flavors.html."""


def cards(
    tenant: Tenant,
    *,
    blocked: Callable[[Flavor], str],
    times: int = 1,
    has: Mapping[str, int] | None = None,
) -> list[tuple[str, FlavorCard]]:
    """All flavors of a tenant, the smallest first. `times` of it are wanted, and `has` is given back for it."""
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=tenant, measure__in=MEASURES)}
    flavors = Flavor.objects.filter(tenant=tenant).order_by("vcpus", "ram_mb", "disk_gb", "name")
    return [(one.external_id, _card(one, limits, blocked(one), times, has or {})) for one in flavors]


def _card(flavor: Flavor, limits: Mapping[str, Limit], blocked: str, times: int, has: Mapping[str, int]) -> FlavorCard:
    takes = {Measure.VCPUS: flavor.vcpus, Measure.RAM_MB: flavor.ram_mb}
    shares, left, over = [], [], False
    for measure, amount in takes.items():
        limit = limits.get(measure)
        if limit is None or limit.allowed is None or limit.used is None:
            continue
        adds = amount * times - has.get(measure, 0)
        rest = limit.allowed - limit.used - adds
        over = over or rest < 0
        left.append(_said(measure, rest))
        if limit.allowed > 0:
            shares.append(round(Decimal(amount * times) / limit.allowed * 100))
    return FlavorCard(
        title=flavor.name,
        blocked=blocked,
        vcpus=formats.number(flavor.vcpus),
        memory=str(formats.mebibytes(flavor.ram_mb)),
        disk=f"{formats.number(flavor.disk_gb)}{formats.NO_BREAK}GB" if flavor.disk_gb else "",
        share=max(shares) if shares else None,
        left=", ".join(left) if left else _("no limit"),
        over=over,
    )


def _said(measure: Measure, rest: int) -> str:
    """ "12 vCPU", "−4 GB": what would be left."""
    sign = "−" if rest < 0 else ""
    if measure is Measure.VCPUS:
        return f"{sign}{formats.number(abs(rest))}{formats.NO_BREAK}vCPU"
    return f"{sign}{formats.mebibytes(abs(rest))}"


def first_that_fits(choices: Iterable[tuple[str, FlavorCard]]) -> str:
    """Return the smallest flavor that is neither blocked nor too much; empty where there is none."""
    return next((key for key, card in choices if not card.blocked and not card.over), "")
