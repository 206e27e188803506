"""What the tests of servers begin with: a fake cloud with two servers, what was read of it, and flavors to choose."""

import pytest
import requests_mock

from projects.access import Visit
from tests import factories
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import Nova
from tests.unit.server_pages import flavors_of
from tests.unit.servers_cast import inventory, member_of


@pytest.fixture
def nova(requests_mock: requests_mock.Mocker) -> Nova:
    """Make a cloud with web-01 (server-1), which runs, and web-02 (server-2), which is stopped."""
    return Nova(FakeCloud(requests_mock))


@pytest.fixture
def visit(nova: Nova) -> Visit:
    """Return a member of the cloud's one tenant, all of which was read."""
    return member_of(inventory(nova.cloud))


@pytest.fixture
def flavors(cast: factories.Cast) -> dict[str, str]:
    """Return the ids of the flavors that atlas can choose from, by name."""
    return flavors_of(cast)
