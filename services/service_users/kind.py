"""Service users as a kind of thing.

Who may see which is said by the register (rows.py), so search and API leave them out.
"""

from django.utils.translation import gettext_lazy as _

from projects.kinds import Kind
from services.openstack.words import Service
from services.service_users.models import ServiceUser

SERVICE_USERS = Kind(
    key="service-users",
    one="service user",
    name=_("Service user"),
    names=_("Service users"),
    noun=_("service users"),
    icon="bot",
    group="access",
    position=20,
    model=ServiceUser,
    service=Service.IDENTITY,
    found=False,
)
