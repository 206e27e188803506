"""Warnings before an end: on the page by what `days_left` says, and once each by e-mail."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from services.service_users.models import ServiceUser

log = structlog.get_logger(__name__)

# So many days before the end people are told, once each.
DAYS = (14, 3)


def days_left(row: ServiceUser, now: datetime) -> int | None:
    """Whole days until it ends, for one that ends soon; None for all others. 0: today."""
    if row.expires_at is None or row.ends_at is not None or row.expires_at <= now:
        return None
    days = (row.expires_at - now).days
    return days if days < DAYS[0] else None


def send_due(now: datetime) -> None:
    """Send what is due, where the operator has set a mail server. A row is marked before its mail is sent.

    So nobody is told twice; a mail that the server does not take is logged, and the page warns all the same.
    """
    if not settings.EMAIL_HOST:
        return
    last = now + timedelta(days=DAYS[0])
    soon = ServiceUser.objects.filter(expires_at__gt=now, expires_at__lte=last, ends_at=None).exclude(owner__email="")
    for row in soon.select_related("owner", "tenant__project", "tenant__location"):
        left = days_left(row, now)
        stage = min((days for days in DAYS if left is not None and left < days), default=None)
        if stage is None or (row.warned_days is not None and row.warned_days <= stage):
            continue
        # Where two locations have one Keystone it has a row in each.
        same = ServiceUser.objects.filter(owner=row.owner, external_id=row.external_id, warned_days=row.warned_days)
        if same.update(warned_days=stage):
            _send(row, left or 0)


def _send(row: ServiceUser, left: int) -> None:
    place = row.tenant.handle
    context = {"row": row, "place": place, "left": left, "url": f"{settings.BASE_URL}/{place}/service-users/"}
    # A subject has one line, whatever somebody has called it elsewhere.
    name = " ".join(row.label.split())
    subject = _("%(name)s in %(place)s ends soon") % {"name": name, "place": place}
    message = EmailMessage(subject, render_to_string("service_users/ends.txt", context), to=[row.owner.email])
    try:
        validate_email(row.owner.email)  # the provider may have written anything into the claim
        message.send()
    except ValidationError:
        log.warning("warning_not_sent", service_user=row.pk, error="no address")
    except OSError as error:  # smtplib's errors are OSErrors
        log.warning("warning_not_sent", service_user=row.pk, error=type(error).__name__)
