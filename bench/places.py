"""Create tenants of many sizes in the bench's own portal: python -m bench.places (in the portal's environment).

Prints JSON: the session cookie of their member, and the queries of each page.
"""

import json
import sys

import django

SIZES = (10, 50, 200, 1000)
PAGES = {"tenant page": "/bench-{size}@north/", "server list": "/bench-{size}@north/servers/"}
EMPTY = "/bench/empty/"


def main() -> int:
    """Create the tenants and return 0; refuse a database with locations, which is not the bench's own."""
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from projects.models import Location, Project
    from tests import factories

    if Location.objects.exists():
        sys.exit("this database already has locations, so it is not the bench's own")
    setup_test_environment()
    member, north = factories.person("member"), factories.location("north")
    for size in SIZES:
        tenant = factories.tenant(Project.objects.create(slug=f"bench-{size}", name=f"bench-{size}"), north)
        factories.join(member, tenant)
        factories.networks(tenant)
        factories.group(tenant, "default", "", ("tcp", 22, "192.0.2.0/24", ""), ("tcp", 443, "0.0.0.0/0", ""))
        for number in range(min(size, 100)):
            factories.volume(tenant, f"volume-{number}", 20, server=f"bulk-{number:04}")
        factories.many_servers(tenant, size)
    client = Client()
    factories.log_in(client, member)
    queries = {}
    for address in [EMPTY, *(page.format(size=size) for page in PAGES.values() for size in SIZES)]:
        for _ in range(2):  # per-process caches are warm at the second request
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(address)
        if answer.status_code != 200:
            sys.exit(f"{address} answers {answer.status_code}")
        queries[address] = len(captured)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    sys.stdout.write(json.dumps({"cookie": {"name": cookie.key, "value": cookie.value}, "queries": queries}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
