"""What pages of other wings still take from here, until they are declared beside their actions."""

from typing import TypeVar

from django.http import Http404, HttpRequest

from projects import access
from projects.actions import ACTIONS
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Resource
from projects.pages import acting

R = TypeVar("R", bound=Resource)


def thing_of(request: HttpRequest, handle: Handle, model: type[R], external_id: str, form: type[ActionForm]) -> R:
    """Return the thing that a form is about. 404 for strangers and for what is not there, 403 for readers."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTIONS[form.action])
    row: R | None = model._default_manager.filter(tenant=visit.tenant, external_id=external_id).first()
    if row is None:
        raise Http404
    row.tenant = visit.tenant
    return row
