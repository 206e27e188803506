"""Save a server as an image: what it refuses, its way to done, and its page."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from projects.access import Visit
from projects.models import Operation
from projects.operations import turn
from services.compute.models import Server
from services.images.models import Image
from tests import factories
from tests.unit.nova_fake import TASK, Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused, undone

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"status": "ERROR"}, "saved as an image"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "create-image", server_id="server-1", name="x")["server_id"]
    assert "no such server" in refused(visit, "create-image", server_id="nope", name="x")["server_id"]
    assert nova.done == []


def test_it_is_done_and_there_is_no_undo(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "create-image", server_id="server-1", name="golden"))
    assert operation.state == State.DONE, operation.reason
    assert Image.objects.get(name="golden").status == "active"
    assert undone(operation) is None


def test_an_image_that_the_cloud_could_not_save_fails(nova: Nova, visit: Visit) -> None:
    operation = ask(visit, "create-image", server_id="server-1", name="golden")
    turn.turn(operation.pk)
    nova.ends.clear()
    nova.row()[TASK] = None
    nova.images.clear()  # nova deletes what it could not fill
    go(operation)
    assert (operation.state, operation.code) == (State.FAILED, "not_saved")
    assert not Image.objects.filter(name="golden").exists()


def test_its_page_proposes_a_name_and_asks_for_it(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    url = f"{HERE}{server.external_id}/snapshot/"
    page = text(client, url)
    assert f'value="web-01-{timezone.localdate():%Y-%m-%d}"' in page
    assert "The server runs on." in page
    response = client.post(url, {"name": "golden", "key": "k"})
    assert response["Location"].startswith(f"{HERE}{server.external_id}/?op=")
    assert Operation.objects.get().params == {"server_id": server.external_id, "name": "golden"}
