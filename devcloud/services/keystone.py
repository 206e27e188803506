"""Keystone behind the token and browser checks."""

from __future__ import annotations

import os
import sys

from devcloud.federation.bearer import BearerTokens
from devcloud.federation.browser import BrowserLogin
from devcloud.federation.trust import TrustedIssuers
from devcloud.layout import Location
from devcloud.patches import apply_common
from devcloud.services import web


def load() -> None:
    apply_common()
    import keystone.api
    import keystone.server.wsgi  # noqa: F401


def serve(location: Location) -> None:
    os.environ["OS_KEYSTONE_CONFIG_DIR"] = str(location.etc / "keystone")
    sys.argv = ["keystone"]
    from keystone.wsgi.api import application

    issuers = TrustedIssuers(location.issuers_file)
    browsers = BrowserLogin(application, issuers, location.url("keystone"))
    web.serve(location, "keystone", BearerTokens(browsers, issuers))
