"""How many queries each page makes, written down: the same with 10 servers as with 1,000."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories, operations_factory

pytestmark = pytest.mark.django_db

QUERIES = {
    "/borealis@north/": 9,
    "/borealis@north/servers/": 7,
    "/borealis@north/servers/?status=ACTIVE&q=bulk&sort=-created": 8,
    "/borealis@north/volumes/": 8,
    "/borealis@north/volumes/create/": 14,
    "/borealis@north/snapshots/": 6,
    "/borealis@north/security-groups/": 8,
    f"/borealis@north/security-groups/{factories.ident('borealis@north/group/default')}/": 19,
    f"/borealis@north/servers/{factories.ident('borealis@north/server/bulk-0000')}/": 24,
    "/borealis@north/networks/": 12,
    "/borealis@north/routers/": 9,
    "/borealis@north/key-pairs/": 8,
    "/borealis@north/floating-ips/": 9,
    "/borealis@north/cli/": 12,
    "/projects/borealis/": 9,
    "/": 13,
}

OPERATIONS = {
    "/borealis@north/": 9,
    "/borealis@north/operations/": 7,
    "/borealis@north/operations/?state=done&by=member&q=data": 8,
    "/borealis@north/changes/": 8,
    "/borealis@north/operations/{operation}/": 13,
    "/borealis@north/operations/{operation}/?drawer=1": 12,
}


def queries(client: Client, address: str) -> int:
    """Return the queries of a page that was looked at before, so that what a process remembers of it is there.

    The least of three looks: what is due every some seconds, such as noting the look, may fall into one of them.
    """
    client.get(address)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    return min(counts)


@pytest.mark.parametrize("servers", [10, 1000])
def test_query_counts_are_as_written_and_do_not_grow_with_the_rows(client: Client, servers: int) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    factories.many_servers(cast.borealis, servers)
    assert {address: queries(client, address) for address in QUERIES} == QUERIES


def test_a_look_at_an_unchanged_page_costs_few_queries(client: Client) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    version = client.get("/atlas@north/servers/")["X-Meshdeck-Version"]
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/atlas@north/servers/", headers={"X-Meshdeck-Version": version})
    assert response.status_code == 204
    assert len(captured) == 4  # session, person, membership with tenant, readings


@pytest.mark.parametrize("operations", [3, 60])
def test_query_counts_do_not_grow_with_the_operations(client: Client, operations: int) -> None:
    cast = factories.cast()
    factories.log_in(client, cast.member)
    attach = operations_factory.attaching(cast.borealis, "data-01", "app-02")
    made = [
        operations_factory.operation(cast.borealis, cast.member, "attach-volume", attach) for _ in range(operations)
    ]
    found = {address: queries(client, address.format(operation=made[0].pk)) for address in OPERATIONS}
    assert found == OPERATIONS
