"""A filter behind keystonemiddleware that writes names as WSGI wants them.

PEP 3333 has the bytes of a header as Latin-1 text. keystonemiddleware puts names as they are into the environment of
the request (X-Project-Name and others), and Swift's proxy hands these headers on to its account server: at a letter
outside Latin-1 that ends in a UnicodeEncodeError, which the proxy takes for a fault of the account server. So a project
with such a name got 503, and after ten requests so did everybody (error limiting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def filter_factory(_global: dict[str, str], **_local: str) -> Callable[[Application], Application]:
    """Return the filter, as paste.deploy asks for it."""

    def wrap(application: Application) -> Application:
        def filtered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            for name, value in environ.items():
                if name.startswith("HTTP_X_") and isinstance(value, str) and not _fits(value):
                    environ[name] = value.encode().decode("latin-1")
            return application(environ, start_response)

        return filtered

    return wrap


def _fits(value: str) -> bool:
    return all(letter <= "\xff" for letter in value)
