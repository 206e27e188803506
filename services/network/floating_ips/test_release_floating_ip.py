"""Release a floating IP: what it refuses and releases, and its page."""

from typing import Any

import pytest
from django.test import Client

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation
from services.network.models import FloatingIP
from tests.unit.clouds_l3 import L3
from tests.unit.l3_cast import addresses
from tests.unit.net_rows import HERE, address, text, the_operation
from tests.unit.running import done, refusals

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"floating_ip_id": "gone"}, "floating_ip_id", "no such floating IP"),
    ],
)
def test_it_refuses_what_cannot_be(town: L3, visit: Visit, params: dict[str, Any], field: str, words: str) -> None:
    (found, reason), *_more = refusals(visit, "release-floating-ip", **params)
    assert (found, words in reason) == (field, True), reason
    assert town.changes == []


def test_it_gives_the_address_back_and_there_is_no_undo(seen: L3, visit: Visit) -> None:
    operation = done(visit, "release-floating-ip", floating_ip_id="floating-5")
    assert [one["id"] for one in seen.cloud.floating_ips] == ["floating-6"]
    assert not FloatingIP.objects.filter(external_id="floating-5").exists()
    assert addresses() == [("fixed", "10.0.4.1")]
    action = ACTIONS["release-floating-ip"]
    assert action.undo(operation, action.params.model_validate(operation.params)) is None


def test_a_release_asks_for_the_address_and_says_who_loses_it(member: Client) -> None:
    url = f"{HERE}floating-ips/{address(24).external_id}/release/"
    page = text(member.get(url))
    assert "Type 198.51.100.24 to confirm" in page
    assert "Can no longer be reached at this address" in page
    assert member.post(url, {"typed": "198.51.100.27", "key": "k"}).status_code == 422
    assert not Operation.objects.exists()
    assert member.post(url, {"typed": "198.51.100.24", "key": "k"})["Location"].startswith(f"{HERE}floating-ips/")
    assert the_operation().action == "release-floating-ip"
