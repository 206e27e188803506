"""The page of one container: how much lies in it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui import formats
from projects.converters import Handle
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.object_storage.containers.listing import CONTAINERS
from services.object_storage.models import Container


def context(_request: HttpRequest, _tenant: Tenant, container: Container) -> dict[str, Any]:
    """Counts as the object store gives them."""
    return {
        "facts": [
            Fact(_("Objects"), formats.number(container.objects_count)),
            Fact(_("Size"), str(formats.size(container.bytes_used))),
            detail.when(_("Changed"), container.updated_at),
            Fact(_("Name"), chips=(container.name,)),
        ],
    }


CONTAINER = Detail(
    model=Container,
    listing=CONTAINERS,
    template="projects/container.html",
    command="container show",
    context=context,
)


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle, external_id: str) -> HttpResponse:
    """One container."""
    return detail.show(request, handle, external_id, CONTAINER)
