"""Delete a router: what keeps it, what it leaves first, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from services.network.models import FloatingIP, Port, Router
from tests import factories
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import inside, read, routed
from tests.unit.net_rows import HERE, edge, text, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"router_id": "edge"}, "router_id", "198.51.100.5 uses edge"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "delete-router", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_leaves_its_subnets_and_goes_and_there_is_no_undo(l3: L3, visit: Visit) -> None:
    routed(l3)
    read(visit)
    operation = done(visit, "delete-router", router_id="edge")
    assert (l3.cloud.routers, inside(l3, "edge")) == ([], 0)
    assert not Router.objects.exists()
    assert not Port.objects.filter(device_id="edge").exists()
    action = ACTIONS["delete-router"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_its_page_says_what_leads_through_it_and_asks_for_it(member: Client) -> None:
    url = f"{HERE}routers/{edge().external_id}/delete/"
    assert "use main" in text(member.get(url))
    FloatingIP.objects.update(router_id="", port_id="", server_id="")
    lines = member.get(url).context["formats"][0].text.replace(" \\\n ", "")
    assert "router remove subnet main app-net-v4" in lines
    assert lines.endswith("router delete main")
    assert member.post(url, {"typed": "edge", "key": "k"}).status_code == 422
    assert member.post(url, {"typed": "main", "key": "k"})["Location"].startswith(f"{HERE}routers/?op=")
    assert the_operation().params == {"router_id": factories.ident("atlas@north/router/main")}
