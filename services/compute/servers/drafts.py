"""A form that somebody left to make what it lacked: what was typed is there again when they come back.

It lies in the person's session, by the form's key. User data, which may hold secrets, lies in the vault.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from redis.exceptions import RedisError

from portal.identity import sessions
from projects import access
from projects.actions import private_text as user_data

_DRAFTS = "projects.drafts"
MOST = 5
_NOT_KEPT = ("csrfmiddlewaretoken", "make", "user_data")


def keep(request: HttpRequest) -> str:
    """Put the form away that was sent, and return the key that it is found by."""
    key = request.POST.get("key", "")[:100]
    fields: dict[str, Any] = {name: values for name, values in request.POST.lists() if name not in _NOT_KEPT}
    if text := request.POST.get("user_data", ""):
        name = user_data.name_of(access.person(request).pk, f"draft {key}", text)
        try:
            user_data.keep(sessions.grant_of(request), name, text)
        except RedisError:
            pass  # all but that comes back
        else:
            fields["user_data_kept"] = [name]
    drafts: dict[str, Any] = request.session.get(_DRAFTS, {})
    drafts.pop(key, None)
    request.session[_DRAFTS] = {**dict(list(drafts.items())[1 - MOST :]), key: fields}
    return key


def restore(request: HttpRequest, many: tuple[str, ...], ticks: tuple[str, ...]) -> dict[str, Any]:
    """Return what the form with `?draft=<key>` in its address said; empty where there is none.

    Fields in `many` have several values, those in `ticks` are off where they say nothing.
    """
    fields: dict[str, list[str]] = request.session.get(_DRAFTS, {}).get(request.GET.get("draft", ""), {})
    if not fields:
        return {}
    said: dict[str, Any] = {name: values if name in many else values[-1] for name, values in fields.items()}
    said |= {name: fields.get(name, []) for name in many}
    said |= {name: name in fields for name in ticks}
    if name := str(said.pop("user_data_kept", "")):
        said["user_data"] = _recalled(name)
    return said


def address(url: str, key: str) -> str:
    """Return the form's address with the draft in it."""
    return f"{url}?{urlencode({'draft': key})}"


def _recalled(name: str) -> str:
    try:
        kept = user_data.recall(name)
    except RedisError:
        return ""
    return kept.decode() if kept else ""
