"""What the tests of key pairs begin with: nova's key pairs, and a member."""

import pytest
import requests_mock

from projects.access import Visit
from tests.unit.key_pairs_cast import Keys, member_of


@pytest.fixture
def keys(requests_mock: requests_mock.Mocker) -> Keys:
    """Make a cloud that has no key pair yet."""
    return Keys(requests_mock)


@pytest.fixture
def visit(keys: Keys) -> Visit:
    """Return a member of the cloud's one tenant."""
    return member_of(keys)
