"""Placement's API."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web


def load() -> None:
    apply_common()
    import placement.deploy
    import placement.handler  # noqa: F401


def serve(location: Location) -> None:
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = str(location.etc / "placement")
    sys.argv = ["placement"]
    from placement.wsgi.api import application

    web.serve(location, "placement", application)
