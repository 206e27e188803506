"""Rescue a server: from which image, what it refuses, and its page."""

from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.models import Operation
from services.compute.models import Server
from services.images.models import Image
from tests import factories
from tests.unit.nova_fake import Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused

pytestmark = pytest.mark.django_db


def test_it_boots_from_the_chosen_image(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "rescue-server", server_id="server-1", image_id="image-1"))
    assert operation.state == Operation.State.DONE, operation.reason
    sent = [
        one.json() for one in nova.cloud.mock.request_history if one.method == "POST" and one.path.endswith("action")
    ]
    assert sent == [{"rescue": {"rescue_image_ref": "image-1"}}]


def test_what_can_not_be_booted_from_is_refused(nova: Nova, visit: Visit) -> None:
    assert "no such image" in refused(visit, "rescue-server", server_id="server-1", image_id="nope")["image_id"]
    Image.objects.filter(external_id="image-1").update(status="queued")
    assert "not ready" in refused(visit, "rescue-server", server_id="server-1", image_id="image-1")["image_id"]
    Server.objects.filter(external_id="server-1").update(image_id="")
    assert "boots from a volume" in refused(visit, "rescue-server", server_id="server-1")["server_id"]
    assert nova.done == []


def test_its_page_says_what_is_lost_and_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    image = Image.objects.filter(tenant=cast.atlas).first()
    assert image is not None
    Server.objects.filter(pk=server.pk).update(image_id=image.external_id)
    address = f"{HERE}{server.external_id}/rescue/"
    page = text(client, address)
    assert "what was not written to its disk is lost" in page
    assert "The image that it was made from" in page
    assert client.post(address, {"key": "k1", "image_id": ""})["Location"].startswith(
        f"{HERE}{server.external_id}/?op="
    )
    assert Operation.objects.get().params == {"server_id": server.external_id, "image_id": ""}
