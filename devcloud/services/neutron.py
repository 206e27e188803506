"""Neutron's API; the drivers that stand in for its agents run inside it."""

from __future__ import annotations

import os
import sys

from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web


def load() -> None:
    apply_common()
    import neutron.pecan_wsgi.app
    import neutron.plugins.ml2.plugin
    import neutron.server.api  # noqa: F401

    import devcloud.drivers.ports
    import devcloud.drivers.router  # noqa: F401


def serve(location: Location) -> None:
    os.environ["OS_NEUTRON_CONFIG_DIR"] = str(location.etc / "neutron")
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    sys.argv = ["neutron-api"]
    from neutron import policy
    from neutron.wsgi.api import application
    from neutron_lib.policy import _engine as role_policy

    # Both are created at the first request and visible to other threads before their rules are loaded: a first burst of
    # requests would get empty lists, as no rule allows seeing anything.
    policy.init()
    role_policy.init()
    web.serve(location, "neutron", application)
