from uuid import UUID

from django.http import HttpRequest

GRANT = "identity.grant"


def grant_of(request: HttpRequest) -> UUID:
    """The handle of the login that this request belongs to."""
    return UUID(request.session[GRANT])
