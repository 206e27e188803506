"""Passcodes: 32 characters, for one login within five minutes; a new one replaces the person's old one."""

import secrets
import string
import threading
from collections.abc import Callable

LIFETIME = 5 * 60
LENGTH = 32
_ALPHABET = string.ascii_letters + string.digits


class Passcodes:
    """The valid passcodes with their person and expiry."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._codes: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def issue(self, user_id: str) -> str:
        """Issue a new code for the person."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
        with self._lock:
            self._codes = {known: held for known, held in self._codes.items() if held[0] != user_id}
            self._codes[code] = (user_id, self.now() + LIFETIME)
        return code

    def redeem(self, code: str) -> str | None:
        """Use up the code and return its person. None: already used, replaced, expired, or never issued."""
        with self._lock:
            user_id, ends_at = self._codes.pop(code, ("", 0.0))
        return user_id if self.now() < ends_at else None
