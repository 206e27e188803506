"""What is said where a limit stands in the way: what is left, and a way on only where there is one."""

import pytest

from projects.actions import quota
from projects.models import Limit
from services.openstack.words import Measure
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("used", "allowed", "words", "ways"),
    [
        (0, 0, "north allows atlas no floating IPs: the limit is 0. Only its operator can raise it.", 0),
        (2, 0, "north allows atlas no floating IPs: the limit is 0.", 1),
        (5, 5, "atlas has no floating IPs left in north: all 5 are in use.", 1),
    ],
)
def test_it_says_what_is_left(used: int, allowed: int, words: str, ways: int) -> None:
    tenant = factories.cast().atlas
    Limit.objects.filter(tenant=tenant, measure=Measure.FLOATING_IPS).delete()
    Limit.objects.create(tenant=tenant, measure=Measure.FLOATING_IPS, used=used, allowed=allowed)
    (refusal,) = quota.too_much(tenant, {Measure.FLOATING_IPS: 1}, {Measure.FLOATING_IPS: "network_id"})
    assert words in str(refusal.reason).replace("\xa0", " ")
    assert len(refusal.ways) == ways
