"""What can be done with several floating IPs at once."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from projects.models import Operation
from tests.unit.net_rows import HERE, address, text

pytestmark = pytest.mark.django_db


def test_several_are_released_and_disassociated_at_once(member: Client) -> None:
    ids = [("ids", address(24).external_id), ("ids", address(27).external_id)]
    url = f"{HERE}floating-ips/bulk/release/?{urlencode(ids)}"
    page = text(member.get(url))
    assert "web-01 can no longer be reached at it" in page
    assert "Type 2 floating IPs to confirm" in page
    shown = member.get(url).context["shown"]
    assert member.post(url, {"shown": shown, "typed": "2 floating IPs", "key": "k"}).status_code == 302
    assert Operation.objects.filter(action="release-floating-ip").count() == 2
    plan = member.get(f"{HERE}floating-ips/bulk/disassociate/?{urlencode(ids)}").context["plan"]
    assert [str(row.thing) for row in plan.will] == ["198.51.100.24"]
    assert [row.against[0].text for row in plan.wont] == ["It is not associated."]
