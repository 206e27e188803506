"""A person's profile from the provider's claims."""

from typing import Any

from django.conf import settings

from portal.identity.errors import LoginRefused

Claims = dict[str, Any]
WANTED = ("preferred_username", "name", "email", "groups")


def profile(claims: Claims) -> dict[str, Any]:
    """Return the columns of User that the claims decide. Raises LoginRefused if `groups` is not a list of names."""
    return {
        "username": _text(claims, "preferred_username") or claims["sub"],
        "email": _text(claims, "email", 320),
        "name": _text(claims, "name"),
        "is_staff": is_operator(claims),
    }


def is_operator(claims: Claims) -> bool:
    """Return whether the groups claim has MESHDECK_OPERATOR_GROUP; no claim means no groups. Raises LoginRefused."""
    groups = claims.get("groups")
    if groups is None:
        return False
    if isinstance(groups, str):
        groups = [groups]
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise LoginRefused("The groups claim is not a list of names.")
    return settings.OPERATOR_GROUP in groups


def _text(claims: Claims, name: str, longest: int = 255) -> str:
    value = claims.get(name)
    return value.replace("\x00", "").strip()[:longest] if isinstance(value, str) else ""
