"""Serve a WSGI application with threads, and signal when it is ready."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable

import waitress

from devcloud.layout import Location

THREADS = 8
WAIT_SECONDS = 300


def serve(
    location: Location, service: str, application: Callable, background: Callable[[], None] | None = None
) -> None:
    """Serve on the service's port forever. `background` runs first in a thread of its own.

    The service counts as ready when both are up.
    """
    # It warns about each request that has to wait for a thread, which is normal here.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    # connection_limit: with waitress's 100 a client that leaves connections open soon stalls everyone.
    # channel_timeout: longer than clients usually pause. At the end of it a request may cross the closing connection,
    # which the client sees as a reset; shorter means more of those.
    # asyncore_use_poll: select() can't watch a file descriptor above 1,023.
    server = waitress.create_server(
        application,
        host="127.0.0.1",
        port=location.port(service),
        threads=THREADS,
        ident=None,
        connection_limit=2000,
        channel_timeout=60,
        asyncore_use_poll=True,
        max_request_body_size=8 << 30,
    )

    def prepare() -> None:
        try:
            if background:
                background()
        except Exception:  # noqa: BLE001 - whatever it is, a service without its workers must not look alive
            traceback.print_exc()
            os._exit(1)
        mark_ready(location, service)

    threading.Thread(target=prepare, daemon=True).start()
    server.run()


def mark_ready(location: Location, service: str) -> None:
    """Write this process's id where the command looks for it."""
    (location.run / f"{service}.ready").write_text(str(os.getpid()))


def wait_for_catalog(location: Location, *services: str) -> None:
    """Wait until Keystone knows all endpoints and these services accept connections.

    Nova remembers a missing endpoint for as long as it runs.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not location.catalog_mark.exists():
        _pause(deadline, "the service catalog")
    for service in services:
        while True:
            try:
                socket.create_connection(("127.0.0.1", location.port(service)), 2).close()
                break
            except OSError:
                _pause(deadline, service)


def _pause(deadline: float, awaited: str) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(f"{awaited} is not available after {WAIT_SECONDS} s")
    time.sleep(0.1)
