"""What was wrong with a request: noted where it is found, counted where the answer leaves (portal.refusing)."""

from django.http import HttpRequest

WHAT = "meshdeck.refused"


def note(request: HttpRequest, what: str) -> None:
    """Note why this request is refused, for the counter meshdeck_refused_total."""
    request.META[WHAT] = what
