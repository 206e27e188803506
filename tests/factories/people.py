"""People of the cast: as the provider names them, logged in to the portal, and with what they own."""

import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from portal.identity import crypto, sessions
from portal.identity.models import Grant, User
from projects.models import Membership, Role, Tenant
from services.compute.models import KeyPair
from tests.factories.rows import ident, seen

# The access token in these people's logins.
ACCESS_TOKEN = "made-up-access-token"


def person(name: str, *, staff: bool = False) -> User:
    """Create a cast member, as the provider would have named them."""
    return User.objects.create(
        issuer="http://127.0.0.1:8001",
        subject=f"sub-{name}",
        username=name,
        email=f"{name}@example.org",
        is_staff=staff,
    )


def log_in(client: Client, user: User) -> uuid.UUID:
    """Create what a login leaves behind: a session and the handle of its grant."""
    client.force_login(user, backend="portal.identity.backend.OpenIDBackend")
    now = timezone.now()
    session = client.session
    grant = Grant.objects.create(
        user=user,
        session_key=session.session_key or "",
        access_token=crypto.encrypt(ACCESS_TOKEN.encode()).decode(),
        expires_at=now + timedelta(hours=1),
        created_at=now,
        renewed_at=now,
    )
    session[sessions.GRANT] = str(grant.pk)
    session.save()
    return grant.pk


def join(user: User, *tenants: Tenant, role: Role = Role.MEMBER) -> None:
    """Make a person a member whose own key pairs were just read."""
    now = timezone.now()
    for one in tenants:
        Membership.objects.create(
            user=user,
            tenant=one,
            role=role,
            cloud_roles=[role.value],
            confirmed_at=now,
            cloud_user_id=cloud_id(user.username, one),
            own_as_of=now,
        )


def cloud_id(username: str, tenant: Tenant) -> str:
    """Return a person's id in the cloud, the same in all tenants of a location."""
    return ident(f"{username}@{tenant.location.name}").replace("-", "")


def key_pair(tenant: Tenant, owner: str, name: str, **values: Any) -> KeyPair:
    """Create a key pair of the person with this username."""
    digits = ident(f"{owner}/{name}").replace("-", "")
    fingerprint = ":".join(digits[i : i + 2] for i in range(0, 32, 2))
    values = {"type": "ssh", "fingerprint": fingerprint} | values
    return KeyPair.objects.create(**seen(timezone.now(), tenant, name, name), user_id=cloud_id(owner, tenant), **values)
