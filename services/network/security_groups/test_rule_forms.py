"""How the fields of rules are read."""

from typing import Any

import pytest

from services.network.security_groups.rule_forms import ports_of

pytestmark = pytest.mark.django_db


def test_ports_are_read_as_people_write_them() -> None:
    faults: list[Any] = []
    assert ports_of(" 80,443  8000 – 8100 ", faults) == [(80, 80), (443, 443), (8000, 8100)]
    assert ports_of("", faults) == [(None, None)]
    assert faults == []
    assert ports_of("1-2-3", faults) == []
    assert len(faults) == 1
