"""Service users as the mock-ups show them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.identity.models import User
from projects.models import Tenant
from services.service_users import words
from services.service_users.models import OwnReading, ServiceUser
from tests import operations_factory


def service_user(tenant: Tenant, owner: User, label: str, **values: Any) -> ServiceUser:
    """One that was made 40 days ago and ends in 50; with `outside`, made by other means."""
    now = timezone.now()
    ends = now + timedelta(days=50)
    outside = values.pop("outside", False)
    params = {"name": label, "expires_at": ends.isoformat()}
    made = None if outside else operations_factory.operation(tenant, owner, "create-service-user", params)
    fields: dict[str, Any] = {
        "operation": made,
        "name": label if outside else f"{label}.{made.pk if made else ''}",
        "user_id": f"cloud-{owner.username}",
        "roles": ["member", "reader"],
        "expires_at": ends,
        "last_four": "" if outside else "f3Qk",
        "made_at": None if outside else now - timedelta(days=40),
        "first_seen_at": now - timedelta(days=40),
        "changed_at": now - timedelta(days=40),
        **values,
    }
    return ServiceUser.objects.create(
        tenant=tenant, owner=owner, label=label, external_id=f"cred-{label}-{ServiceUser.objects.count()}", **fields
    )


def some(tenant: Tenant, member: User, admin: User) -> list[ServiceUser]:
    """Return what the list of the mock-ups has; the first is the member's and was downloaded."""
    now = timezone.now()
    OwnReading.objects.create(user=member, location=tenant.location, tried_at=now, read_at=now)
    taken = {"ready_until": now - timedelta(days=40), "taken_at": now - timedelta(days=40)}
    return [
        service_user(
            tenant,
            member,
            "ci-deploy",
            description="Pipeline of the shop",
            expires_at=now + timedelta(days=6, hours=2),
            **taken,
        ),
        service_user(
            tenant,
            member,
            "backup-nightly",
            description="Copies pg-data to objects",
            access_rules=words.CHANGE_OBJECTS,
        ),
        service_user(tenant, admin, "grafana", outside=True, roles=["reader"], expires_at=None),
        service_user(tenant, member, "restic", kind="ec2", roles=[], access_key="OP01M87SB5HYFT6FTN"),
        service_user(tenant, admin, "monitor", kind="keystone-user", roles=["reader"]),
        service_user(tenant, member, "terraform-old", ends_at=now + timedelta(minutes=40)),
    ]
