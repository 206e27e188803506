"""placement.conf"""

from __future__ import annotations

from devcloud.configuration import common
from devcloud.layout import Location


def files(location: Location) -> dict[str, str]:
    return {
        "placement.conf": common.default(location, "placement")
        + common.database(location, "placement", "placement_database")
        + common.token_check(location, "placement")
        + """
[api]
auth_strategy = keystone
"""
    }
