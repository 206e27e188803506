"""Neutron's API; the drivers that stand in for its agents run inside it."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web


def serve(location: Location) -> None:
    os.environ["OS_NEUTRON_CONFIG_DIR"] = str(location.etc / "neutron")
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    sys.argv = ["neutron-api"]
    apply_common()
    from neutron.wsgi.api import application

    web.serve(location, "neutron", application)
