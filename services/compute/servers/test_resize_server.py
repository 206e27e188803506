"""Resize a server: what it refuses and takes, its way to done and back, and its page."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation
from services.compute.models import Server
from services.openstack.words import Measure
from tests import factories
from tests.unit.nova_fake import Nova
from tests.unit.server_pages import HERE, one, text
from tests.unit.servers_cast import ask, go, refused

pytestmark = pytest.mark.django_db

State = Operation.State


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"status": "PAUSED"}, "It is paused. Unpause it first."),
        ({"status": "BUILD"}, "running or stopped"),
    ],
)
def test_it_is_refused_with_the_reason(nova: Nova, visit: Visit, server: dict[str, Any], words: str) -> None:
    Server.objects.filter(external_id="server-1").update(**server)
    assert words in refused(visit, "resize-server", server_id="server-1", flavor_id="flavor-2")["server_id"]
    assert "no such server" in refused(visit, "resize-server", server_id="nope", flavor_id="flavor-2")["server_id"]
    assert nova.done == []


@pytest.mark.parametrize(
    ("flavor", "words"),
    [
        ("flavor-1", "has this flavor already"),
        ("flavor-0", "A disk can't shrink"),
        ("nope", "no such flavor"),
    ],
)
def test_a_flavor_that_does_not_fit_is_refused(visit: Visit, flavor: str, words: str) -> None:
    assert words in refused(visit, "resize-server", server_id="server-1", flavor_id=flavor)["flavor_id"]


def test_a_resize_takes_only_what_it_adds(visit: Visit) -> None:
    action = ACTIONS["resize-server"]
    params = action.params.model_validate({"server_id": "server-1", "flavor_id": "flavor-2"})
    assert action.costs(visit.tenant, params) == {Measure.VCPUS: 2, Measure.RAM_MB: 8192}
    Limit.objects.filter(measure=Measure.VCPUS).update(used=7)
    assert "1 of 8 left" in refused(visit, "resize-server", server_id="server-1", flavor_id="flavor-2")["flavor_id"]


def test_undo_of_a_resize_is_its_revert(nova: Nova, visit: Visit) -> None:
    operation = go(ask(visit, "resize-server", server_id="server-1", flavor_id="flavor-2"))
    assert "confirm" in operation.note
    back = ACTIONS["resize-server"].undo(operation, ACTIONS["resize-server"].params.model_validate(operation.params))
    assert back is not None
    go(ask(visit, back.action, **back.params))
    assert Server.objects.get(external_id="server-1").flavor_name == "m1.medium"


def test_a_resize_blocks_what_does_not_fit(
    cast: factories.Cast, grant: UUID, client: Client, flavors: dict[str, str]
) -> None:
    page = text(client, f"{HERE}{one(cast).external_id}/resize/")
    assert "It has this one now." in page
    assert "A disk can&#x27;t shrink." in page
    response = client.post(f"{HERE}{one(cast).external_id}/resize/", {"flavor_id": flavors["m1.large"], "key": "k"})
    assert response["Location"].startswith(f"{HERE}{one(cast).external_id}/?op=")


def test_a_form_that_makes_no_sense_now_says_so_at_once(cast: factories.Cast, grant: UUID, client: Client) -> None:
    server = one(cast)
    Server.objects.filter(pk=server.pk).update(locked=True)
    response = client.get(f"{HERE}{server.external_id}/resize/")
    assert response.status_code == 200
    assert b"It is locked. Unlock it first." in response.content
