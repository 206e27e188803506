"""Pending logins: what must be kept until the provider sends the browser back.

Each is in an encrypted cookie of its own, named after its state: several tabs that log in at once do not overwrite each
other, as they would in one session, and visitors who never log in leave no row.
"""

import json
import secrets
import time
from dataclasses import asdict, dataclass
from hashlib import sha256

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from portal.identity import crypto

PREFIX = f"{settings.TLS_ONLY}meshdeck-login-"
# An offline token is requested outside of PATH, where cookies can't be counted: a browser has one at a time.
OFFLINE = f"{PREFIX}offline"
PATH = "/oidc/"
LASTS_SECONDS = 600
MOST_BYTES = 5000  # for all pending cookies together: servers refuse headers over 8 KB


@dataclass(frozen=True, repr=False)
class Pending:
    """One pending login: its state, nonce and PKCE verifier, and the page it leads to.

    `about` says what an offline token is for ("atlas@north"); empty for a login at the portal itself.
    `step_up`: a stronger or newer login was asked for, which the page requires.
    """

    state: str
    nonce: str
    verifier: str
    next: str
    begun_at: float
    about: str = ""
    step_up: bool = False


def begin(target: str, about: str = "", *, step_up: bool = False) -> Pending:
    """Return a new login that leads to `target`."""
    # 48 random bytes are 64 characters: within the 43 to 128 of a PKCE verifier (RFC 7636, section 4.1).
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
    return Pending(state, nonce, verifier, target, time.time(), about, step_up)


def keep(request: HttpRequest, response: HttpResponse, pending: Pending) -> None:
    """Store the login in a cookie, and drop the oldest ones if there are too many."""
    sealed = crypto.encrypt(json.dumps(asdict(pending)).encode()).decode()
    if pending.about:
        _leave(response, OFFLINE, sealed)
        return
    room = MOST_BYTES - len(sealed)
    for name, other in sorted(
        _held(request).items(), key=lambda item: item[1].begun_at if item[1] else 0, reverse=True
    ):
        room -= len(request.COOKIES[name])
        if other is None or room < 0:
            response.delete_cookie(name, path=PATH, samesite="Lax")
    _leave(response, _name(pending.state), sealed)


def take(request: HttpRequest, state: str) -> Pending | None:
    """Return the login of this state, if this browser began it lately and nobody has completed it.

    Taking it uses it up, in the cache that all web processes share, so that a copied cookie does not work a second
    time.
    """
    held = (_open(request.COOKIES.get(name, "")) for name in (_name(state), OFFLINE))
    pending = next((one for one in held if one and secrets.compare_digest(one.state.encode(), state.encode())), None)
    if pending is None:
        return None
    return pending if cache.add(f"used-login:{_name(state)}", 1, LASTS_SECONDS + 60) else None


def drop(response: HttpResponse, state: str, pending: Pending | None = None) -> None:
    """Delete the cookie, once `pending` was taken from it."""
    name = OFFLINE if pending and pending.about else _name(state)
    response.delete_cookie(name, path=PATH, samesite="Lax")


def _leave(response: HttpResponse, name: str, sealed: str) -> None:
    response.set_cookie(
        name,
        sealed,
        max_age=LASTS_SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # Strict cookies are not sent on the way back from another site
    )


def _name(state: str) -> str:
    return PREFIX + sha256(state.encode()).hexdigest()[:16]


def _held(request: HttpRequest) -> dict[str, Pending | None]:
    return {name: _open(value) for name, value in request.COOKIES.items() if name.startswith(PREFIX)}


def _open(sealed: str) -> Pending | None:
    """Return what `keep` wrote, if it is at most ten minutes old; None for anything else."""
    try:
        return Pending(**json.loads(crypto.keys().decrypt(sealed.encode(), ttl=LASTS_SECONDS)))
    except InvalidToken:
        return None
