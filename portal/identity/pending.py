"""Logins that are under way: what must be kept until the provider sends the browser back.

Each lies in an encrypted cookie of its own, named after its state: tabs that open at once in a browser without any
session do not take each other's place, as they would in one session, and visitors who never log in leave no row.
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

PREFIX = "meshdeck-login-"
# An offline token is asked for outside of PATH, where cookies can't be counted: a browser has one under way at a time.
OFFLINE = f"{PREFIX}offline"
PATH = "/oidc/"
LASTS_SECONDS = 600
MOST_BYTES = 5000  # of all pending cookies together: servers refuse headers of more than 8 KB


@dataclass(frozen=True, repr=False)
class Pending:
    """One login under way: its state, nonce and PKCE verifier, and the page it leads to.

    `about` is for what an offline token is asked ("atlas@north"); empty for a login at the portal itself.
    """

    state: str
    nonce: str
    verifier: str
    next: str
    begun_at: float
    about: str = ""


def begin(target: str, about: str = "") -> Pending:
    """A new login that leads to `target`."""
    # 48 random bytes are 64 characters: within the 43 to 128 of a PKCE verifier (RFC 7636, section 4.1).
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
    return Pending(state, nonce, verifier, target, time.time(), about)


def keep(request: HttpRequest, response: HttpResponse, pending: Pending) -> None:
    """Leave the login with the browser, and drop its oldest ones where there are too many."""
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
    """The login with this state, if this browser began it, lately, and no one has come back with it before.

    Taking it uses it up, in the cache that all web processes share: a copied cookie is no good a second time.
    """
    held = (_open(request.COOKIES.get(name, "")) for name in (_name(state), OFFLINE))
    pending = next((one for one in held if one and secrets.compare_digest(one.state.encode(), state.encode())), None)
    if pending is None:
        return None
    return pending if cache.add(f"used-login:{_name(state)}", 1, LASTS_SECONDS + 60) else None


def drop(response: HttpResponse, state: str, pending: Pending | None = None) -> None:
    """Take the cookie away from the browser, once `pending` was taken from it."""
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
    """What `keep` wrote, at most ten minutes ago; None for anything else."""
    try:
        return Pending(**json.loads(crypto.keys().decrypt(sealed.encode(), ttl=LASTS_SECONDS)))
    except InvalidToken:
        return None
