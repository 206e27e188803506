"""How strong and how old a login is, and what /operator/ requires: acr, amr and auth_time (OpenID Connect Core, 2)."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.identity.tokens import LEEWAY

_PROOF = "identity.proof"  # in the session: what the ID token of its login said
_CLAIMS = ("acr", "amr", "auth_time")


def required() -> bool:
    """Return whether /operator/ requires more than a login."""
    return bool(settings.OPERATOR_ACR or settings.OPERATOR_AMR or settings.OPERATOR_MAX_AGE)


def keep(request: HttpRequest, claims: dict[str, Any]) -> None:
    """Remember of a new login what its ID token said about the authentication."""
    request.session[_PROOF] = {name: claims[name] for name in _CLAIMS if name in claims}


def lacks(request: HttpRequest) -> set[str]:
    """Return what this session's login lacks for /operator/: "factor", "age" or both. What is not said is lacking."""
    proof = request.session.get(_PROOF, {})
    found = set()
    if not (_class_is_enough(proof.get("acr")) and _method_is_enough(proof.get("amr"))):
        found.add("factor")
    if not _is_new_enough(proof.get("auth_time")):
        found.add("age")
    return found


def parameters(lacking: set[str]) -> dict[str, str]:
    """Return what to add to an authorization request for a login that is enough (OpenID Connect Core, 3.1.2.1)."""
    found = {}
    if settings.OPERATOR_ACR:
        found["acr_values"] = " ".join(settings.OPERATOR_ACR)
    if settings.OPERATOR_MAX_AGE:
        found["max_age"] = str(settings.OPERATOR_MAX_AGE)
    # Nothing asks for a method, and some providers ignore max_age: then only a whole new login can bring it.
    if "age" in lacking or not settings.OPERATOR_ACR:
        found["prompt"] = "login"
    return found


def _class_is_enough(acr: object) -> bool:
    return not settings.OPERATOR_ACR or acr in settings.OPERATOR_ACR


def _method_is_enough(amr: object) -> bool:
    return not settings.OPERATOR_AMR or (isinstance(amr, list) and any(one in settings.OPERATOR_AMR for one in amr))


def _is_new_enough(auth_time: object) -> bool:
    if not settings.OPERATOR_MAX_AGE:
        return True
    known = isinstance(auth_time, int | float) and not isinstance(auth_time, bool)
    # Nobody logs in in the future either.
    age = datetime.now(UTC).timestamp() - auth_time if known else None  # type: ignore[operator]
    leeway = LEEWAY.total_seconds()
    return age is not None and -leeway <= age <= settings.OPERATOR_MAX_AGE + leeway
