"""How CLI access leads here: for machines none of its ways is right."""

from django.utils.translation import gettext as _

from portal.ui import formats
from projects.access import Visit
from services.cli_access.pages.chooser import Beside, Choice
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import ServiceUser


def choice(visit: Visit) -> Choice:
    """Return what stands beside the ways of CLI access, with how many there are in the tenant."""
    count = ServiceUser.objects.filter(tenant=visit.tenant).count()
    return Choice(
        key=SERVICE_USERS.key,
        icon="bot",
        title=_("Service user"),
        text=_("For machines: pipelines, backups, cron. Has a secret of its own and is revoked alone."),
        url=SERVICE_USERS.url(visit.tenant.handle),
        note=formats.number(count) if count else "",
    )


BESIDE = Beside(SERVICE_USERS.key, choice)
