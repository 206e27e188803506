"""Rows that the tests of discoveries and refreshes begin with."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.identity import crypto
from portal.identity.models import Grant, User
from projects.models import Location, LocationService, Membership, Project, Role, Tenant
from tests.unit.clouds_fake import ACCESS_TOKEN, KEYSTONE, PROJECT, FakeCloud


def make_location(name: str = "north", cloud: FakeCloud | None = None, **fields: Any) -> Location:
    """Return a location at the fake cloud's address; with its endpoints when the cloud is given."""
    values = {"auth_url": KEYSTONE, "identity_provider": "meshdeck", "region": "north", **fields}
    location = Location.objects.create(name=name, **{"kind": "openstack"} | values)
    for endpoint in cloud.endpoints() if cloud else []:
        LocationService.objects.create(
            location=location,
            service=endpoint.service.value,
            url=endpoint.url,
            version=endpoint.version,
            min_microversion=endpoint.min_microversion,
            max_microversion=endpoint.max_microversion,
            s3_url=endpoint.s3_url,
        )
    return location


def make_tenant(location: Location, name: str = "atlas", external_id: str = PROJECT) -> Tenant:
    """Return a tenant, in a project of the same name."""
    project, _ = Project.objects.get_or_create(name=name, slug=name)
    return Tenant.objects.create(
        project=project, location=location, external_id=external_id, external_name=name, domain_id="default"
    )


def make_user(name: str = "member") -> User:
    """Return a person."""
    return User.objects.create(issuer="http://idp.test", subject=name, username=name)


def make_grant(user: User) -> Grant:
    """Return a live login with the access token that the fake cloud takes."""
    now = timezone.now()
    return Grant.objects.create(
        user=user,
        session_key=f"session-{user.username}",
        access_token=crypto.encrypt(ACCESS_TOKEN.encode()).decode(),
        expires_at=now + timedelta(minutes=30),
        created_at=now,
        renewed_at=now,
        last_used_at=now,
    )


def make_member(user: User, tenant: Tenant, role: Role = Role.MEMBER, **fields: Any) -> Membership:
    """Return a place in a tenant, confirmed now."""
    values = {"confirmed_at": timezone.now(), **fields}
    return Membership.objects.create(user=user, tenant=tenant, role=role, cloud_roles=[str(role)], **values)
