"""A second look at a page: its main part as it was drawn for the same person, while nothing that it shows has changed.

Whoever makes a page says what its main part hangs on (`Main`); the frame around it is drawn each time. What has to be
another at each look is put in anew: the CSRF token, and the key that makes a double click one operation. Kept in the
process's own memory (CACHES["pages"]), never beside other people's.
"""

import re
from collections.abc import Callable
from uuid import uuid4

from django.core.cache import caches
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Hidden fields whose values are good for one look.
_EACH_TIME = re.compile(r'(<input type="hidden" name="(csrfmiddlewaretoken|key)" value=")[^"]*"')


class Main:
    """The main part of a page. `{% main %}` in base.html draws it, or takes it as it was.

    `parts` is all that it hangs on besides the address, the language and the time zone; None: it is drawn each time.
    `title` is what the page was called when it was drawn.
    """

    def __init__(self, request: HttpRequest, parts: tuple[object, ...] | None) -> None:
        self._request, self._key = request, ""
        kept: tuple[str, str] | None = None
        if parts is not None:
            zone = timezone.get_current_timezone_name()
            told = repr((*parts, request.get_full_path(), get_language(), zone))
            self._key = salted_hmac("portal.ui.second_look", told, algorithm="sha256").hexdigest()
            kept = caches["pages"].get(self._key)
        self.title: str
        self._html: str
        self.title, self._html = kept or ("", "")

    @property
    def known(self) -> bool:
        """Whether it was drawn before, so that nothing has to be read for it."""
        return bool(self._html)

    def draw(self, title: str, html: Callable[[], SafeString]) -> SafeString:
        """Return it as it was, or draw it and keep it."""
        if not self.known:
            drawn = html()
            if self._key:
                caches["pages"].set(self._key, (title, str(drawn)))
            return drawn
        token = get_token(self._request) if "csrfmiddlewaretoken" in self._html else ""
        key = str(uuid4())

        def anew(found: re.Match[str]) -> str:
            return f'{found[1]}{token if found[2] == "csrfmiddlewaretoken" else key}"'

        return mark_safe(_EACH_TIME.sub(anew, self._html))  # noqa: S308 - a template of ours drew it, escaped
