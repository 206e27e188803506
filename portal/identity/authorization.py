"""The authorization request to the provider, and the checks of its response."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from mozilla_django_oidc.utils import generate_code_challenge

from portal.identity.discovery import Metadata, provider
from portal.identity.errors import LoginRefused
from portal.identity.pending import Pending
from portal.identity.tokens import Client


def url(metadata: Metadata, client: Client, begun: Pending, scope: str, **more: str) -> str:
    """Return the provider's address for this login (OpenID Connect Core, section 3.1.2.1; PKCE, RFC 7636)."""
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": generate_code_challenge(begun.verifier, "S256"),
        "code_challenge_method": "S256",
        **more,
    }
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"


def check_answer(request: HttpRequest) -> None:
    """Check the authorization response itself before its code is used (RFC 6749, 3.1; RFC 9207, 2.4).

    Raises LoginRefused or ProviderUnreachable.
    """
    if any(len(request.GET.getlist(name)) > 1 for name in ("state", "code", "iss", "error")):
        raise LoginRefused("The provider's response has a parameter twice.")
    metadata = provider().metadata()
    issuer = request.GET.get("iss")
    if issuer is None and metadata.names_itself:
        raise LoginRefused("The response does not name its provider (iss).")
    if issuer is not None and issuer != metadata.issuer:
        raise LoginRefused("The response is from another provider (iss).")
