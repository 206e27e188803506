"""Two security groups at the fake cloud, web-public and db that lets it in, and what a refresh made of them."""

from datetime import timedelta
from typing import Any

import requests_mock
from django.utils import timezone

from clouds.openstack.inventory.network import SecurityGroupRule as SeenRule
from projects.access import Visit
from projects.models import Role, Tenant
from services.network.models import SecurityGroup, SecurityGroupRule
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_neutron import Neutron, rule

SSH: dict[str, Any] = {"protocol": "tcp", "port_min": 22, "port_max": 22, "remote_cidr": "203.0.113.0/24"}
HTTP: dict[str, Any] = {"protocol": "tcp", "port_min": 80, "port_max": 80, "remote_cidr": "0.0.0.0/0"}


def make_neutron(mock: requests_mock.Mocker) -> Neutron:
    """Return the cloud: web lets HTTPS in, db lets web in."""
    made = Neutron(FakeCloud(mock))
    https = rule("web", protocol="tcp", port_range_min=443, port_range_max=443, remote_ip_prefix="0.0.0.0/0")
    postgres = rule("db", protocol="tcp", port_range_min=5432, port_range_max=5432, remote_group_id="web")
    made.has_group("web", "web-public", https, description="The shop")
    made.has_group("db", "db", postgres)
    return made


def make_tenant(neutron: Neutron) -> Tenant:
    """Return what a refresh has read a second ago."""
    made = rows.make_tenant(rows.make_location(cloud=neutron.cloud))
    now = timezone.now() - timedelta(seconds=1)
    seen = {"tenant": made, "first_seen_at": now, "changed_at": now}
    for one in neutron.cloud.groups:
        SecurityGroup.objects.create(**seen, external_id=one["id"], name=one["name"], description=one["description"])
        for each in one["security_group_rules"]:
            SecurityGroupRule.objects.create(**seen, **SeenRule.model_validate(each).model_dump())
    return made


def make_visit(tenant: Tenant) -> Visit:
    """Return a member who is logged in."""
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)
