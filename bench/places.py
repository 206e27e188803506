"""Create tenants of many sizes in the bench's own portal: python -m bench.places (in the portal's environment).

Prints JSON: the session cookie of their member, the addresses, and the queries of each page.
"""

import json
import sys
from datetime import datetime, timedelta
from typing import Any

import django

from bench.load import anew

SIZES = (10, 50, 200, 1000)
PAGES = {"tenant page": "/bench-{size}@north/", "server list": "/bench-{size}@north/servers/"}
EMPTY = "/bench/empty/"
# One more page of each kind, in a tenant with as much as people have: the list's first page is full.
OTHERS = {
    "server page": "/bench-50@north/servers/{server}/",
    "server page, 1,000 servers": "/bench-1000@north/servers/{server_of_1000}/",
    "volume list": "/bench-200@north/volumes/",
    "volume page": "/bench-50@north/volumes/{volume}/",
    "network list": "/bench-50@north/networks/",
    "security group list": "/bench-50@north/security-groups/",
    "security group page": "/bench-50@north/security-groups/{group}/",
    "tenant page, a week of usage": "/bench-50@north/?range=7d",
    "operations": "/bench-50@north/operations/",
}
GROUPS, OPERATIONS = 20, 60


def main() -> int:
    """Create the tenants and return 0; refuse a database with locations, which is not the bench's own."""
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from projects.models import Location
    from tests import factories

    if Location.objects.exists():
        sys.exit("this database already has locations, so it is not the bench's own")
    setup_test_environment()
    member = factories.person("member")
    build(member)
    client = Client()
    factories.log_in(client, member)
    addresses, queries = places(), {}
    for address in [EMPTY, *addresses.values()]:
        for number in range(2):  # per-process caches are warm at the second request
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(anew(address, number))
        if answer.status_code != 200:
            sys.exit(f"{address} answers {answer.status_code}")
        queries[address] = len(captured)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    told = {"cookie": {"name": cookie.key, "value": cookie.value}, "addresses": addresses, "queries": queries}
    sys.stdout.write(json.dumps(told))
    return 0


def places() -> dict[str, str]:
    """Return the address of each page by its name, the sized ones first."""
    from tests.factories import ident

    ids = {
        "server": ident("bench-50@north/server/bulk-0000"),
        "server_of_1000": ident("bench-1000@north/server/bulk-0000"),
        "volume": ident("bench-50@north/volume/volume-0"),
        "group": ident("bench-50@north/group/group-0"),
    }
    sized = {f"{name}, {size}": page.format(size=size) for name, page in PAGES.items() for size in SIZES}
    return sized | {name: page.format(**ids) for name, page in OTHERS.items()}


def build(member: object) -> None:
    """Create the tenants and their contents."""
    from projects.models import Project
    from tests import factories

    north = factories.location("north")
    for size in SIZES:
        tenant = factories.tenant(Project.objects.create(slug=f"bench-{size}", name=f"bench-{size}"), north)
        factories.join(member, tenant)
        factories.networks(tenant)
        factories.group(tenant, "default", "", ("tcp", 22, "192.0.2.0/24", ""), ("tcp", 443, "0.0.0.0/0", ""))
        factories.group(tenant, "web-public", "", ("tcp", 80, "0.0.0.0/0", ""), ("tcp", 443, "0.0.0.0/0", ""))
        for number in range(min(size, 100)):
            factories.volume(tenant, f"volume-{number}", 20, server=f"bulk-{number:04}" if number % 4 else "")
        factories.many_servers(tenant, size)
        if size == 50:
            furnish(tenant, member)


def furnish(tenant: Any, member: Any) -> None:
    """Add security groups with their rules, a week of samples and a log of operations."""
    from django.utils import timezone

    from projects.models import UsageSample
    from services.openstack.words import Measure
    from tests import factories, operations_factory

    for number in range(GROUPS):
        rules = [("tcp", 8000 + port, f"10.{number}.{port}.0/24", "") for port in range(20)]
        factories.group(tenant, f"group-{number}", "", *rules)
    now = timezone.now().replace(second=0, microsecond=0)
    UsageSample.objects.bulk_create(
        UsageSample(tenant=tenant, measure=Measure.VCPUS, at=at, used=_wave(at), allowed=200)
        for at in (now - timedelta(minutes=5 * n) for n in range(7 * 24 * 12))
    )
    attach = operations_factory.attaching(tenant, "volume-0", "bulk-0001")
    for _ in range(OPERATIONS):
        operations_factory.operation(tenant, member, "attach-volume", attach)


def _wave(at: datetime) -> int:
    """Return a value that changes with every sample, which makes a plot most expensive."""
    return 60 + (at.hour * 60 + at.minute) * 7 // 5 % 41


if __name__ == "__main__":
    sys.exit(main())
