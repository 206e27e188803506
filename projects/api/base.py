"""What the API's modules share: who calls, where, and the parameters that many have."""

from collections.abc import Callable
from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Header, Path
from pydantic import AfterValidator, ValidationInfo

from portal.identity.bearer import Caller
from projects import access
from projects.access import Visit
from projects.actions.base import Action
from projects.converters import Handle
from projects.operations import asking

# Below this everything is; the answers name their own addresses with it.
ROOT = "/api/v1"


def caller(request: HttpRequest) -> Caller:
    """Who was let in (portal.api.auth)."""
    found = getattr(request, "auth", None)
    if not isinstance(found, Caller):
        raise TypeError("This operation must be behind the API's authentication.")
    return found


def visit_of(request: HttpRequest) -> Visit:
    """Return the tenant that the address names, for the person who calls."""
    found = getattr(request, "visit", None)
    if not isinstance(found, Visit):
        raise TypeError("This operation has no handle in its address.")
    return found


def address(visit: Visit, *parts: str) -> str:
    """Where something of a tenant is in the API."""
    return "/".join([ROOT, "tenants", visit.tenant.handle, *parts])


def _enter(handle: str, info: ValidationInfo) -> str:
    """404 for whoever is not a member, and for what is no handle, before anything else of the request is looked at."""
    project, at, location = handle.partition("@")
    if not at:
        raise Http404
    request: HttpRequest = info.context["request"]  # type: ignore[index]  # django-ninja always gives it
    request.visit = access.enter(request, Handle(project, location))  # type: ignore[attr-defined]
    return handle


def _change(handle: str, info: ValidationInfo) -> str:
    """Do the same, with 403 for those who may change nothing."""
    visit = visit_of(info.context["request"])  # type: ignore[index]
    if not asking.may_change(visit.role):
        raise PermissionDenied(asking.not_allowed(visit))
    return handle


def allowed(action: Action) -> Callable[[str, ValidationInfo], str]:
    """Do the same, with 403 for those whose role does not allow the action."""

    def demand(handle: str, info: ValidationInfo) -> str:
        visit = visit_of(info.context["request"])  # type: ignore[index]
        if not asking.may(visit.role, action):
            raise PermissionDenied(asking.not_allowed(visit))
        return handle

    return demand


HANDLE = "A project at a location, such as atlas@north."
# The handle has to come first among an operation's parameters: rights go before all that may be wrong with the rest.
EnteredText = Annotated[str, AfterValidator(_enter)]
HandleText = Annotated[EnteredText, Path(description=HANDLE)]
HandleToChange = Annotated[EnteredText, AfterValidator(_change), Path(description=HANDLE)]
IdText = Annotated[str, Path(description="The cloud's id (external_id).", max_length=256)]
KeyText = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Who sends a request twice with the same key gets the first one's operation.",
        max_length=100,
    ),
]
