"""Compress pages in the portal itself, for installations whose proxy does not.

A compressed page must not reveal its secrets by its length (BREACH): the CSRF token, the only secret of a page that
also repeats a visitor's input, is masked anew in each response, and random padding of up to 100 bytes blurs every
length (Heal the Breach, as in Django's own GZipMiddleware). Files are left alone: those that hold secrets are
downloads.
"""

import secrets
import zlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

View = Callable[[HttpRequest], HttpResponseBase]

# Takes half the time of gzip's default, for a tenth more bytes.
LEVEL = 3
# A smaller response fits into one or two packets anyway.
SMALL = 1400
PADDING = 100
_NAME = 0x08  # RFC 1952, 2.3.1: FLG.FNAME, a file name, terminated by a zero byte


class CompressionMiddleware:
    """Compresses pages for browsers that accept gzip."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not _is_page(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.content = compressed(response.content)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response


def _is_page(response: HttpResponse) -> bool:
    return (
        response.get("Content-Type", "").startswith("text/html")
        and not response.has_header("Content-Disposition")
        and not response.has_header("Content-Encoding")
        and len(response.content) >= SMALL
    )


def compressed(page: bytes) -> bytes:
    """Return the page as gzip, with a name of random length in its header."""
    packed = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"a" * secrets.randbelow(PADDING + 1)
    head = b"\x1f\x8b\x08" + bytes([_NAME]) + b"\x00\x00\x00\x00\x00\xff" + name + b"\x00"
    tail = (zlib.crc32(page) & 0xFFFFFFFF).to_bytes(4, "little") + (len(page) & 0xFFFFFFFF).to_bytes(4, "little")
    return head + packed.compress(page) + packed.flush() + tail
