"""What operations write of what they saw: the tenant is taken before its rows, as a refresh does it.

PostgreSQL ends one of two that take them in another order; SQLite has one writer anyway, so the order is looked at.
"""

import re
from collections.abc import Sequence

import pytest
import requests_mock
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Operation, Resource
from tests.unit.clouds_fake import FakeCloud
from tests.unit.nova_fake import Nova
from tests.unit.servers_cast import ask, go, inventory, member_of

pytestmark = pytest.mark.django_db

ROWS = {model._meta.db_table for model in Resource.__subclasses__()}


def blocks(statements: Sequence[str]) -> list[list[str]]:
    """Return the statements of each transaction, the inner ones with their outer."""
    found: list[list[str]] = []
    depth = 0
    for statement in statements:
        if statement.startswith("SAVEPOINT"):
            depth += 1
            if depth == 1:
                found.append([])
        elif statement.startswith(("RELEASE", "ROLLBACK")):
            depth -= 1
        elif depth:
            found[-1].append(statement)
    return found


def writes(statements: Sequence[str]) -> bool:
    """Whether rows of the inventory are among what they change."""
    changed = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
    return any((found := changed.match(one)) and found[1] in ROWS for one in statements)


@pytest.mark.parametrize("verb", ["reboot-server", "delete-server"])
def test_the_tenant_is_taken_before_its_rows(requests_mock: requests_mock.Mocker, verb: str) -> None:
    cloud = FakeCloud(requests_mock)
    Nova(cloud)
    visit = member_of(inventory(cloud))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        operation = go(ask(visit, verb, server_id="server-1"))
    assert operation.state == Operation.State.DONE
    writing = [block for block in blocks([one["sql"] for one in queries]) if writes(block)]
    assert writing
    assert [block[0] for block in writing if 'FROM "projects_tenant"' not in block[0]] == []
