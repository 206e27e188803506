"""What the tests of security groups begin with: web-public, db that lets it in, and what was read of them."""

import pytest
import requests_mock

from projects.access import Visit
from projects.models import Tenant
from tests.unit import group_rows
from tests.unit.clouds_neutron import Neutron


@pytest.fixture
def neutron(requests_mock: requests_mock.Mocker) -> Neutron:
    """Make the cloud."""
    return group_rows.make_neutron(requests_mock)


@pytest.fixture
def tenant(neutron: Neutron) -> Tenant:
    """Write what was read of it."""
    return group_rows.make_tenant(neutron)


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    """Return a member who is logged in."""
    return group_rows.make_visit(tenant)
