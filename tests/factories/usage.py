"""Limits and their history, a tenant's figures, and its changes."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from projects import figures
from projects.models import Change, Limit, Tenant, UsageSample
from services.openstack.words import Measure
from tests.factories.rows import ident


def limits(tenant: Tenant, **values: tuple[int | None, int | None]) -> None:
    """Set used and allowed by measure: limits(tenant, vcpus=(38, 40))."""
    for measure, (used, allowed) in values.items():
        Limit.objects.update_or_create(
            tenant=tenant, measure=Measure(measure), defaults={"used": used, "allowed": allowed}
        )


def samples(tenant: Tenant, measure: Measure, values: list[int], allowed: int | None, days: float = 7) -> None:
    """Add usage over the last days: `values` in equal stretches, a sample every five minutes."""
    step = timedelta(minutes=5)
    count = int(timedelta(days=days) / step)
    start = timezone.now().replace(second=0, microsecond=0) - days * timedelta(days=1)
    UsageSample.objects.bulk_create(
        UsageSample(
            tenant=tenant,
            measure=measure,
            at=start + (i + 1) * step,
            used=values[i * len(values) // count],
            allowed=allowed,
        )
        for i in range(count)
    )


def measure(tenant: Tenant) -> None:
    """Write the headline figures, as the end of a refresh does."""
    tenant.figures = figures.measure(tenant)
    tenant.changing = figures.is_changing(tenant)
    Tenant.objects.filter(pk=tenant.pk).update(figures=tenant.figures, changing=tenant.changing)


def change(
    tenant: Tenant, kind: str, name: str, verb: str, minutes: float, external_id: str = "", **fields: Any
) -> Change:
    """Add a change that a refresh saw this many minutes ago."""
    return Change.objects.create(
        tenant=tenant,
        seen_at=timezone.now() - timedelta(minutes=minutes),
        verb=verb,
        kind=kind,
        external_id=external_id or ident(f"{tenant.handle}/{kind}/{name}"),
        name=name,
        fields=fields,
    )
