"""Context available to every page of the provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.idp.oidc.models import Client
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.idp import settings
from portal.idp.cast import CAST, PASSWORD


def goes_on_to(request: HttpRequest) -> str:
    """Return the name of the client that the user comes from and returns to; empty outside an authorization."""
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    client_id = parse_qs(urlsplit(target).query).get("client_id", [""])[0]
    return Client.objects.filter(id=client_id).values_list("name", flat=True).first() or ""


def minutes_of_access() -> int:
    """Return the minutes for which an access token remains valid after its login has ended, rounded up."""
    return -(-settings.IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN // 60)


def provider(request: HttpRequest) -> dict[str, Any]:
    """Add the demo's hint, where a login leads, and whether this address supports passkeys (a context processor)."""
    # An RP ID has to be a domain (WebAuthn, section 5.1.2): browsers refuse passkeys on a bare IP address.
    numeric = settings.ISSUER_HOST.replace(".", "").isdigit() or ":" in settings.ISSUER_HOST
    return {
        "demo_names": ", ".join(person.username for person in CAST) if settings.DEMO else "",
        "demo_password": PASSWORD,
        "goes_on_to": SimpleLazyObject(lambda: goes_on_to(request)),
        "passkeys_possible": not numeric,
        "issuer_host": settings.ISSUER_HOST,
    }
