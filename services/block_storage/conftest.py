"""What the tests of volumes and snapshots begin with: a fake cinder, and the inventory of what it has."""

import pytest
import requests_mock

from projects.access import Visit
from projects.models import Tenant
from tests.unit.cinder_fake import Cinder, snapshot
from tests.unit.clouds_fake import FakeCloud
from tests.unit.servers_cast import member_of
from tests.unit.volumes_cast import inventory


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    """Return a cloud with a volume, its snapshot and two servers."""
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    """Its block storage, which changes as it is asked to."""
    return Cinder(cloud)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    """Whose it is, with the inventory as a refresh would have written it."""
    return inventory(cloud)


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    """Return a member who is there."""
    return member_of(tenant)
