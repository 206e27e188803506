"""What the tests of service users begin with: a fake Keystone, and somebody who is a member there."""

import pytest
import requests_mock

from projects.access import Visit
from tests.unit.clouds_fake import FakeCloud
from tests.unit.keystone_fake import Keystone
from tests.unit.service_users_cast import member_of


@pytest.fixture
def keystone(requests_mock: requests_mock.Mocker) -> Keystone:
    """Return a Keystone that keeps application credentials."""
    return Keystone(FakeCloud(requests_mock))


@pytest.fixture
def visit(keystone: Keystone) -> Visit:
    """Return the visit of a member."""
    return member_of(keystone)
