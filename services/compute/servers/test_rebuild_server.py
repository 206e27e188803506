"""Rebuild a server: what it refuses, its way to done, and its page, which asks for the name."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.compute.models import Server
from services.images.models import Image
from tests import factories
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State
WANTED = {"server_id": "server-1", "image_id": "image-1"}


def test_it_is_done_once_and_has_no_way_back(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "rebuild-server", **WANTED))
    assert operation.state == State.DONE, operation.reason
    assert nova.did("rebuild") == 1
    assert undone(operation) is None


@pytest.mark.parametrize(
    ("server", "image", "field", "words"),
    [
        ({"image_id": ""}, {}, "server_id", "boots from a volume"),
        ({"disk_gb": 2}, {}, "image_id", "needs a disk of 3 GB"),
        ({"ram_mb": 512}, {}, "image_id", "of memory"),
        ({}, {"status": "queued"}, "image_id", "not ready"),
        ({"status": "PAUSED"}, {}, "server_id", "Unpause it first"),
    ],
)
def test_it_is_refused_with_the_reason(
    nova: Nova, visit: Visit, server: dict[str, Any], image: dict[str, Any], field: str, words: str
) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    Image.objects.filter(external_id="image-1").update(**image)
    assert words in refused(visit, "rebuild-server", **WANTED)[field]
    assert nova.done == []


def test_a_failed_rebuild_says_that_the_disk_may_be_gone(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "rebuild-server", **WANTED)
    go(operation, turns=1)
    nova.ends.clear()
    nova.row().update(status="ERROR", **{TASK: None})
    operation = go(operation)
    assert operation.state == State.FAILED
    assert "Its disk may be overwritten" in operation.reason


def test_its_page_asks_for_the_name(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    image = Image.objects.filter(tenant=cast.atlas, status="active").order_by("min_disk_gb").first()
    assert image is not None
    Server.objects.filter(pk=server.pk).update(image_id=image.external_id, disk_gb=500, ram_mb=1 << 20)
    address = f"{HERE}{server.external_id}/rebuild/"
    page = text(client, address)
    assert "500 GB, with all that is on it" in page
    assert "There is no undo" in page
    wanted = {"key": "k1", "image_id": image.external_id}
    assert client.post(address, {**wanted, "typed": "another"}).status_code == 422
    assert not Operation.objects.exists()
    response = client.post(address, {**wanted, "typed": server.name})
    assert response["Location"].startswith(f"{HERE}{server.external_id}/?op=")
    assert Operation.objects.get().params == {"server_id": server.external_id, "image_id": image.external_id}
