"""What the tests of pages of the wing begin with: a member who is logged in."""

from uuid import UUID

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def grant(cast: factories.Cast, client: Client) -> UUID:
    """Log the cast's member in."""
    return factories.log_in(client, cast.member)
