"""Which rules are warned of."""

from typing import Any

import pytest

from services.network.models import SecurityGroupRule
from services.network.security_groups import risky_ports
from tests.unit.group_rows import HTTP

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"port_min": 22, "port_max": 22}, ["22/tcp (SSH)"]),
        ({"port_min": 3000, "port_max": 6400}, ["3000-6400/tcp"]),
        ({"port_min": 6379, "port_max": 6380}, ["6379-6380/tcp (Redis)"]),
        ({"port_min": 1, "port_max": 65535}, ["all tcp"]),
        ({"port_min": 80, "port_max": 80}, []),
        ({"protocol": "", "port_min": None, "port_max": None}, ["everything"]),
        ({"protocol": "udp", "port_min": 11211, "port_max": 11211}, ["11211/udp (memcached)"]),
        ({"protocol": "udp", "port_min": 22, "port_max": 22}, []),
        ({"protocol": "icmp", "port_min": None, "port_max": None}, []),
        ({"port_min": 22, "port_max": 22, "remote_cidr": "10.0.0.0/8"}, []),
        ({"port_min": 22, "port_max": 22, "remote_cidr": "", "remote_group_id": "g"}, []),
        ({"port_min": 22, "port_max": 22, "direction": "egress"}, []),
    ],
)
def test_which_rules_are_risky(values: dict[str, Any], said: list[str]) -> None:
    row = SecurityGroupRule(**{"direction": "ingress", "ethertype": "IPv4"} | HTTP | values)
    assert risky_ports.risks([row]) == said
