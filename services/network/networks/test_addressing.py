"""What the forms of subnets propose."""

import pytest

from projects.access import Visit
from services.network.models import Subnet
from services.network.networks import addressing
from tests.unit.l3_cast import read

pytestmark = pytest.mark.django_db


def test_the_proposed_addresses_are_free(visit: Visit) -> None:
    tenant = visit.tenant
    read(visit)
    assert addressing.free_cidr(tenant) == "10.0.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/22")
    assert addressing.free_cidr(tenant) == "10.0.4.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="10.0.0.0/8")
    assert addressing.free_cidr(tenant) == "192.168.1.0/24"
    Subnet.objects.filter(tenant=tenant).update(cidr="0.0.0.0/0")
    assert addressing.free_cidr(tenant) == ""
