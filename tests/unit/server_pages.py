"""What the tests of the pages of servers share: a page as it is read, a server, and the flavors on offer."""

from typing import Any

from django.test import Client
from django.utils import timezone

from services.compute.models import Flavor, Server
from tests import factories

HERE = "/atlas@north/servers/"
NBSP = "\xa0"


def text(client: Client, url: str, **kwargs: Any) -> str:
    """Return a page that is there."""
    response = client.get(url, **kwargs)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode().replace(NBSP, " "))


def one(cast: factories.Cast, name: str = "web-01") -> Server:
    return Server.objects.get(tenant=cast.atlas, name=name)


def flavors_of(cast: factories.Cast) -> dict[str, str]:
    """Return what the cloud offers; by name."""
    Flavor.objects.filter(tenant=cast.atlas).delete()
    for name, (vcpus, ram, disk) in {
        **factories.FLAVORS,
        "v1.diskless": (1, 2048, 0),
        "x1.huge": (99, 4096, 80),
    }.items():
        ident = factories.ident(f"flavor/{name}")
        Flavor.objects.create(
            **factories.seen(timezone.now(), cast.atlas, ident, name), vcpus=vcpus, ram_mb=ram, disk_gb=disk
        )
    return {flavor.name: flavor.external_id for flavor in Flavor.objects.filter(tenant=cast.atlas)}
