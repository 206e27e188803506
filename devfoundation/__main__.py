"""python -m devfoundation --port 8003 --issuer http://localhost:8001"""

import argparse
import os
import signal
import sys
import threading
import time

from devfoundation.foundation import Foundation
from devfoundation.settings import Settings

SECRET = "DEVFOUNDATION_CLIENT_SECRET"  # noqa: S105 - the name of a variable


def main(arguments: list[str] | None = None) -> int:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m devfoundation",
        description="A stand-in for a Cloud Foundry foundation on 127.0.0.1: API root at PORT, UAA at PORT + 1.",
        epilog=f"{SECRET}: the secret of the client by which UAA logs people in at the identity provider.",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--issuer", required=True, help="the identity provider")
    parser.add_argument("--client-id", default="cloudfoundry", help="UAA's client there (default: %(default)s)")
    parser.add_argument("--origin", default="meshdeck", help="the provider's name in UAA (default: %(default)s)")
    parser.add_argument("--cors-origin", default="", help="the only site whose scripts may request a passcode")
    parser.add_argument("--name", default="north-cf")
    options = parser.parse_args(arguments)
    secret = os.environ.get(SECRET)
    if not secret:
        sys.stderr.write(f"devfoundation: {SECRET} is not set\n")
        return 2
    settings = Settings(
        api_url=f"http://127.0.0.1:{options.port}",
        uaa_url=f"http://127.0.0.1:{options.port + 1}",
        issuer=options.issuer.rstrip("/"),
        client_id=options.client_id,
        client_secret=secret,
        now=time.time,
        origin=options.origin,
        cors_origin=options.cors_origin,
        name=options.name,
    )
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_end.set())
    with Foundation(settings, options.port, options.port + 1).serving():
        asked_to_end.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
