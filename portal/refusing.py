"""One refusal, told to people on a page and to programs as a problem: for middleware, which serves both."""

from django.http import HttpRequest, HttpResponse

from portal.api.problems import BELOW, problem
from portal.ui import errors
from portal.ui.errors import Trouble


def refuse(request: HttpRequest, trouble: Trouble, code: str = "") -> HttpResponse:
    """Return the trouble's page, or below /api/ a problem with the same text. `code` is the problem's; by status."""
    if request.path.startswith(BELOW):
        return problem(request, trouble.status, code, trouble.text)
    return errors.show(request, trouble)
