"""What the tests of networks, routers and floating IPs begin with: a fake cloud, and what was read of it."""

import pytest
import requests_mock

from projects.access import Visit
from tests.unit import l3_cast
from tests.unit.clouds_fake import FakeCloud
from tests.unit.clouds_l3 import L3


@pytest.fixture
def l3(requests_mock: requests_mock.Mocker) -> L3:
    """Make a cloud with app-net, which has two servers, and the external network public."""
    return L3(FakeCloud(requests_mock))


@pytest.fixture
def visit(l3: L3) -> Visit:
    """Return a member of the cloud's one tenant, of which nothing was read yet."""
    return l3_cast.member_of(l3)


@pytest.fixture
def seen(l3: L3, visit: Visit) -> L3:
    """Have 198.51.100.5 at server-1, 198.51.100.6 free, and the router edge in app-net. All of it was read."""
    l3_cast.reachable(l3)
    l3_cast.read(visit)
    return l3


@pytest.fixture
def town(l3: L3, visit: Visit) -> L3:
    """Networks of all kinds, and servers that can be reached and that can't. All of it was read."""
    l3_cast.town(l3)
    l3_cast.read(visit)
    return l3
