"""The portal's environment in a test run: fixed secrets, a state folder and ports of its own."""

import os
import socket
from pathlib import Path

from tests.support import slots

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = Path(os.environ.get("MESHDECK_TEST_STATE", ROOT / ".meshdeck/test")).absolute()
# Two clones on one machine can be tested at the same time.
_cloud_port, _port = slots.ports(STATE)
# The live stack: portal, identity provider, Redis and the foundation's two at base + 0 to 4.
PORT = int(os.environ.get("MESHDECK_TEST_PORT", _port))
CLOUD_PORT = int(os.environ.get("DEVCLOUD_PORT_BASE", _cloud_port))
# The address that a portal inside a test process takes for its own and its provider's: nothing listens there.
PANEL = "http://127.0.0.1:28000"
# Everything installable has to be there: a test that lacks a part fails instead of being skipped.
STRICT = os.environ.get("CI") == "true" or os.environ.get("MESHDECK_CI") == "1"


def redis_url() -> str:
    """Return the URL of the unit tests' Redis: one server for the run, one database number for each process."""
    port = os.environ.setdefault("MESHDECK_TEST_REDIS_PORT", str(_free_port()))
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"redis://127.0.0.1:{port}/{number}"


def nested() -> dict[str, str]:
    """Return the environment of a run of tests inside a test: no worker of this one, with a Redis of its own.

    Whoever starts a Redis ends it and removes its folder, so two runs can't share one.
    """
    ours = ("PYTEST_", "MESHDECK_TEST_REDIS_PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def portal() -> dict[str, str]:
    """Return what portal.settings requires. The values are no secrets: they protect only test data."""
    # tests/unit/test_production.py runs tests again on PostgreSQL.
    database = os.environ.get("MESHDECK_TEST_DATABASE_URL")
    return ({"MESHDECK_DATABASE_URL": database} if database else {}) | {
        "MESHDECK_STATE": str(STATE),
        "MESHDECK_DEBUG": "1",
        "MESHDECK_SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
        "MESHDECK_VAULT_KEYS": "b25seSBmb3IgdGVzdHMsIG5vdCBhIHNlY3JldCAwMTI=",
        "MESHDECK_OIDC_CLIENT_SECRET": "only-for-tests-" + "0123456789abcdef" * 2,
        "MESHDECK_OIDC_ISSUER": "http://127.0.0.1:28001",
        "MESHDECK_BASE_URL": PANEL,
        "MESHDECK_ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "MESHDECK_REDIS_URL": redis_url(),
        "MESHDECK_CLI_OFFLINE_TOKENS": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
