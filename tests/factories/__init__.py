"""Rows as refreshes would have written them: the cast, its projects, and as many servers as a test needs.

`cast()` builds what the mock-ups show: atlas in north with 14 servers, in south (smaller), borealis in north.
"""

from tests.factories.mockups import Cast, atlas_north, build_cast, cast, choices, foundation, small
from tests.factories.networking import floating, group, networks, port
from tests.factories.people import ACCESS_TOKEN, cloud_id, join, key_pair, log_in, person
from tests.factories.places import down, location, tenant
from tests.factories.rows import ident, seen
from tests.factories.servers import FLAVORS, NO_HOST, flavors, many_servers, server
from tests.factories.usage import change, limits, measure, samples
from tests.factories.volumes import volume

__all__ = [
    "ACCESS_TOKEN",
    "FLAVORS",
    "NO_HOST",
    "Cast",
    "atlas_north",
    "build_cast",
    "cast",
    "change",
    "choices",
    "cloud_id",
    "down",
    "flavors",
    "floating",
    "foundation",
    "group",
    "ident",
    "join",
    "key_pair",
    "limits",
    "location",
    "log_in",
    "many_servers",
    "measure",
    "networks",
    "person",
    "port",
    "samples",
    "seen",
    "server",
    "small",
    "tenant",
    "volume",
]
