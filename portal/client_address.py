"""The address of a request's client: the one place that decides which one to believe.

A client can send any header, so headers count only if a trusted proxy has written them (MESHDECK_TRUSTED_PROXIES).
"""

import ipaddress
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the other end of the connection or, behind trusted proxies, what the outermost one saw.

    Each proxy appends the address it saw to X-Forwarded-For, so that entry is counted from the right. If it is missing
    or malformed, the request did not come the whole way: the address of the connection is what is known. None if there
    is no address, as with a Unix socket.
    """
    peer = request.META.get("REMOTE_ADDR") or None
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.TRUSTED_PROXIES <= len(entries):
        return peer
    return _parsed(entries[-settings.TRUSTED_PROXIES].strip()) or peer


def _parsed(entry: str) -> str | None:
    """Return the entry's address without its port, which some proxies append; None if it is not an address."""
    host = entry
    if entry.startswith("["):
        host = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        host = entry.partition(":")[0]
    with suppress(ValueError):
        # A zone ("%eth0") means nothing on this machine, and Python accepts any text as one.
        return None if "%" in host else str(ipaddress.ip_address(host))
    return None
