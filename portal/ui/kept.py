"""Parts of a page that are rendered again only when something in them has changed.

Pages are rendered again with every change of what they show, but most of their parts stay the same.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_PLAIN = (str, int, float, Decimal, date, type(None))


class _Part:
    """A template with its context, compared by both."""

    __slots__ = ("context", "key", "template")

    def __init__(self, template: str, context: Mapping[str, Any]) -> None:
        self.template, self.context = template, context
        zone = timezone.get_current_timezone_name()
        self.key = (template, get_language(), zone, *((name, _key(value)) for name, value in context.items()))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self.key == other.key


def drawn(template: str, context: Mapping[str, Any]) -> SafeString:
    """Render the template with only this context: no request, no CSRF token, no clock. TypeError for models."""
    return _drawn(_Part(template, context))


@lru_cache(maxsize=4096)
def _drawn(part: _Part) -> SafeString:
    return render_to_string(part.template, dict(part.context))


def _key(value: Any) -> Any:
    """Return the key by which values are equal. 2 and 2.0 are equal but read differently, so types count."""
    if isinstance(value, _PLAIN):
        return type(value), value
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(map(_key, value))
    if isinstance(value, Mapping):
        return tuple((name, _key(one)) for name, one in value.items())
    if is_dataclass(value):
        return type(value), *(_key(getattr(value, field.name)) for field in fields(value))
    raise TypeError(f"{value!r} may change without being another one.")
