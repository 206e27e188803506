"""When a service user ends, and what else can be told of it before the cloud is asked."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clouds.openstack.application_credentials import ACCESS_RULES_SINCE, Method
from portal.ui.forms import Way
from projects.access import Visit
from projects.models import Membership, Operation, Tenant
from projects.outcomes import Refusal
from services.service_users.rows import MAKERS
from services.service_users.types.base import older_than

# So many may be made or rotated by one person in an hour: nobody needs more, and each is a row in Keystone.
MOST_AN_HOUR = 20
# What is about to end when it is made is a slip of the hand.
LEAST = timedelta(minutes=5)
# What ends later never does, which is the operator's to allow.
MOST = timedelta(days=5 * 365 + 2)
# As it goes into names of files and shells' messages.
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"


class Rule(BaseModel):
    """An access rule: one method at one path of one service; `*` is one part of a path, `**` any rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")
    method: Method
    # Keystone's column has 128 letters.
    path: str = Field(min_length=1, max_length=128, pattern=r"^/[^\s\x00-\x1f]*$")


def fits(name: str) -> bool:
    """Tell whether a name may be given."""
    return re.fullmatch(NAME, name) is not None


def rule_of(words: Sequence[str]) -> dict[str, str] | None:
    """Read a line such as "GET compute /v2.1/servers" as an access rule; None when it is none."""
    if len(words) != 3:
        return None
    try:
        rule = Rule.model_validate({"method": words[0].upper(), "service": words[1], "path": words[2]})
    except ValidationError:
        return None
    return rule.model_dump(mode="json")


def no_rules(tenant: Tenant) -> str:
    """Say why this location can't narrow a service user to some requests; empty when it can."""
    said = _("%(place)s can't narrow it to some requests: its Keystone is older than Train, of 2019.")
    return older_than(tenant, ACCESS_RULES_SINCE, said)


def against_end(expires_at: datetime | None) -> Iterable[Refusal]:
    """Say what speaks against this end."""
    if expires_at is None:
        if not settings.SERVICE_USERS_MAY_NEVER_END:
            said = _("It has to end some time: the operator does not allow one without an end.")
            yield Refusal("expires_at", said)
    elif expires_at < timezone.now() + LEAST:
        yield Refusal("expires_at", _("That is in the past, or is about to be. Choose a later day."))
    elif expires_at > timezone.now() + MOST:
        said = _("That is further away than %(n)d years. Choose an earlier day.")
        yield Refusal("expires_at", said % {"n": MOST.days // 365})


def against_rate(visit: Visit) -> Iterable[Refusal]:
    """Too many in an hour."""
    lately = timezone.now() - timedelta(hours=1)
    mine = Operation.objects.filter(user=visit.user, action__in=MAKERS, asked_at__gt=lately)
    if mine.count() >= MOST_AN_HOUR:
        said = _("You have made or rotated %(n)d in the last hour, which is the most. Try again later.")
        way = Way(_("See your operations"), url=reverse("operations", kwargs={"handle": visit.tenant.handle}))
        yield Refusal("", said % {"n": MOST_AN_HOUR}, [way])


def against_roles(visit: Visit, roles: Sequence[str]) -> Iterable[Refusal]:
    """Roles that the person does not have there, as far as is known."""
    known = Membership.objects.filter(user=visit.user, tenant=visit.tenant).values_list("cloud_roles", flat=True)
    mine = set(known.first() or ())
    if missing := sorted(set(roles) - mine):
        words = {"roles": ", ".join(missing), "project": visit.tenant.project.name}
        yield Refusal("roles", _("You do not have the role %(roles)s in %(project)s, so you can't give it on.") % words)
