"""The Celery tasks: reading the register, ending what is over, warning of ends. Arguments are ids and handles."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from portal.identity import vault
from portal.identity.models import Grant
from projects.models import Tenant
from projects.seats import AGAIN, Work, seat
from services.service_users import ending, leftovers, reading, register, warning

# What was sent to a cloud may arrive so long after nobody waits for it any more.
SETTLE = timedelta(seconds=30)
_LIMIT = 60


@shared_task(name="service_users.refresh", soft_time_limit=50, time_limit=_LIMIT)
def refresh(tenant_id: int, grant: str) -> None:
    """Read the service users of the person of `grant` at the tenant's location. Done twice, it reads twice."""
    login = Grant.objects.filter(pk=UUID(grant), ended_at=None).select_related("user").first()
    tenant = Tenant.objects.filter(pk=tenant_id).select_related("location", "project").first()
    if login is None or tenant is None:
        return
    with seat(tenant.location, Work.READ, _LIMIT) as mine:
        if mine:
            register.refresh(tenant, login.user, login.pk)
        else:
            refresh.apply_async((tenant_id, grant), countdown=AGAIN)


@shared_task(name="service_users.sweep", soft_time_limit=50, time_limit=60)
def sweep() -> None:
    """End what is over and no cloud ends, and look for what operations may have left behind.

    As the owner, so only while the owner is logged in; else it is done when the owner comes back. What belongs to
    nobody is ended by the location's account.
    """
    now = timezone.now()
    away = ending.end_due(now)
    for operation in leftovers.unsettled(now, SETTLE):
        location = operation.tenant.location
        if not leftovers.kind_of(operation).of_person:
            if location.pk not in away and (ending.rests(location, now) or not leftovers.settle(operation)):
                away.add(location.pk)
        elif grant := vault.live_grant(operation.asker):
            reading.ask(operation.tenant_id, operation.asker.pk, grant)


@shared_task(name="service_users.warn")
def warn() -> None:
    """Tell owners by e-mail that one of theirs is about to end."""
    warning.send_due(timezone.now())
