"""The shadow users that UAA creates for people from its identity provider, and their browser sessions."""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from devfoundation.settings import GROUP_ROLES, Settings, Space


@dataclass(frozen=True, slots=True)
class User:
    """A person as UAA knows them since their last login."""

    id: str
    name: str
    email: str
    origin: str
    groups: frozenset[str]

    def roles_in(self, space: Space) -> list[str]:
        """Return the person's roles in a space."""
        found = (roles for suffix, roles in GROUP_ROLES.items() if f"{space.organization}-{suffix}" in self.groups)
        return sorted({role for roles in found for role in roles})


@dataclass(slots=True)
class Session:
    """One browser: where it returns to after the login, the state of a pending login, and the person after it."""

    user_id: str = ""
    saved_request: str = ""
    login_hint: str = ""
    state: str = ""
    nonce: str = field(default="", repr=False)
    verifier: str = field(default="", repr=False)


class People:
    """Users by id, sessions by cookie."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._users: dict[str, User] = {}
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def keep(self, claims: dict[str, Any]) -> User:
        """Create the user of these verified claims at the first login and update it at each further one."""
        user = User(
            id=str(uuid5(NAMESPACE_URL, f"{claims['iss']} {claims['sub']}")),
            name=str(claims.get("preferred_username") or claims["sub"]),
            email=str(claims.get("email", "")),
            origin=self.settings.origin,
            groups=frozenset(_words(claims.get("groups"))),
        )
        with self._lock:
            self._users[user.id] = user
        return user

    def user(self, user_id: str) -> User | None:
        """Return the user with that id."""
        return self._users.get(user_id)

    def session(self, cookie: str) -> Session | None:
        """Return the session of that cookie."""
        return self._sessions.get(cookie)

    def begin(self, session: Session) -> str:
        """Start a session and return its cookie. A login changes the cookie (session fixation)."""
        cookie = secrets.token_hex(16)
        with self._lock:
            self._sessions[cookie] = session
        return cookie

    def end(self, cookie: str) -> None:
        """Delete a session."""
        with self._lock:
            self._sessions.pop(cookie, None)


def _words(value: object) -> Iterable[str]:
    return (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
