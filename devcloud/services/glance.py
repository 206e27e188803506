"""Glance's API."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web


def load() -> None:
    apply_common()
    import glance.api.v2.router
    import glance.common.wsgi_app  # noqa: F401


def serve(location: Location) -> None:
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(location.etc / "glance")
    sys.argv = ["glance"]
    from glance.wsgi.api import application

    web.serve(location, "glance", application)
