"""External networks that can give no floating IP are not chosen, and refused before anything is made."""

import pytest

from projects.access import Visit
from services.network.models import Network, Router, Subnet
from services.network.networks import lookups
from tests.unit.clouds_l3 import L3, PUBLIC
from tests.unit.l3_cast import read
from tests.unit.running import ask, refusals

pytestmark = pytest.mark.django_db

EMPTY = "an-empty-one"


def outside(visit: Visit, name: str, subnet_ids: list[str] | None) -> Network:
    """Have one more external network, the first by name."""
    row = Network.objects.get(tenant=visit.tenant, external_id=PUBLIC)
    row.pk, row.external_id, row.name, row.subnet_ids = None, EMPTY, name, subnet_ids
    row.save()
    return row


@pytest.mark.parametrize(
    ("subnet_ids", "shown", "known_without"),
    [
        (None, {}, False),  # an old cloud does not say
        ([], {}, True),
        (["hidden"], {}, False),  # members see no subnets of external networks
        (["six"], {"six": 6}, True),
        (["six", "hidden"], {"six": 6}, False),
        (["six", "four"], {"six": 6, "four": 4}, False),
    ],
)
def test_only_what_is_known_speaks_against_a_network(
    l3: L3, visit: Visit, subnet_ids: list[str] | None, shown: dict[str, int], known_without: bool
) -> None:
    read(visit)
    network = outside(visit, "a", subnet_ids)
    dates = {"first_seen_at": network.first_seen_at, "changed_at": network.changed_at}
    for id_, version in shown.items():
        Subnet.objects.create(
            tenant=visit.tenant, **dates, external_id=id_, network_id=EMPTY, ip_version=version, cidr="::/64"
        )
    assert lookups.without_ipv4(visit.tenant, network) is known_without
    assert (network in lookups.floating_networks(visit.tenant)) is not known_without


def test_a_server_is_connected_by_one_that_has_addresses(l3: L3, visit: Visit) -> None:
    read(visit)
    outside(visit, "a", [])
    operation = ask(visit, "connect-server", server_id="server-1")
    operation.refresh_from_db()
    assert operation.state == operation.State.QUEUED
    ((field, reason),) = refusals(visit, "connect-server", server_id="server-1", external_network_id=EMPTY)
    assert (field, "a has no IPv4 addresses" in reason) == ("external_network_id", True)
    assert l3.changes == []


def test_a_router_that_leads_to_one_is_named(seen: L3, visit: Visit) -> None:
    outside(visit, "a", [])
    Router.objects.filter(tenant=visit.tenant).update(external_network_id=EMPTY)
    found = refusals(visit, "connect-server", server_id="server-2")
    assert ["a has no IPv4 addresses" in reason for _field, reason in found] == [True]


def test_without_any_there_is_no_way_and_nothing_is_made(l3: L3, visit: Visit) -> None:
    read(visit)
    Network.objects.filter(tenant=visit.tenant, external=True).update(subnet_ids=[])
    ((field, reason),) = refusals(visit, "connect-server", server_id="server-1")
    assert (field, "no floating IP can come from one" in reason) == ("external_network_id", True)
    ((field, _reason),) = refusals(visit, "allocate-floating-ip", network_id=PUBLIC)
    assert field == "network_id"
    assert l3.changes == []
