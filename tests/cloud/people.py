"""The cast, logged in to the portal with access tokens that the running clouds trust."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from portal.identity import crypto
from portal.identity.models import Grant, User
from projects.models import Location
from tests.cloud.conftest import Devcloud
from tests.support.issuer import Issuer

GROUPS = {
    "admin": ["atlas-admin", "borealis-admin", "meshdeck-operators"],
    "member": ["atlas-member", "borealis-member"],
    "reader": ["atlas-reader"],
    "stranger": [],
}


@dataclass
class Person:
    """Someone with a live grant."""

    user: User
    grant: Grant


def log_in(issuer: Issuer, name: str, groups: list[str] | None = None) -> Person:
    """Log in a cast member; or anybody, with groups of their own."""
    user, _ = User.objects.get_or_create(issuer=issuer.url, subject=f"sub-{name}", username=name)
    token = issuer.token(
        sub=user.subject,
        preferred_username=name,
        email=f"{name}@example.org",
        groups=GROUPS[name] if groups is None else groups,
    )
    now = timezone.now()
    grant = Grant.objects.create(
        user=user,
        session_key=f"session-{name}",
        access_token=crypto.encrypt(token.encode()).decode(),
        expires_at=now + timedelta(seconds=300),
        created_at=now,
        renewed_at=now,
    )
    return Person(user, grant)


def location_row(devcloud: Devcloud, name: str = "north") -> Location:
    """Return the location as `add_location` creates it."""
    return Location.objects.create(
        kind="openstack", name=name, auth_url=devcloud.auth_url(name), region=name, identity_provider="meshdeck"
    )
