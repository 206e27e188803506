"""The list of object containers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from projects.converters import Handle
from projects.models import Service
from projects.pages.listing import Column, Empty, Listing, show
from projects.searching import by_name
from services.object_storage.models import Container

CONTAINERS = Listing(
    key="containers",
    title=_("Containers"),
    noun=_("containers"),
    service=Service.OBJECT_STORE,
    rows=lambda tenant: Container.objects.filter(tenant=tenant),
    template="projects/containers.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("objects", _("Objects"), "r b", sort=("objects_count",)),
        Column("size", _("Size"), "r d", sort=("bytes_used",)),
        Column("updated", _("Changed"), "r", sort=("updated_at",)),
    ),
    search=by_name,
    placeholder=_("Name"),
    command="container list",
    empty=Empty(
        _("No containers yet"),
        _("A container holds objects: files that programs and people fetch by their address."),
        "container create backups",
    ),
    csv={
        "name": lambda container: container.name,
        "objects": lambda container: container.objects_count,
        "bytes": lambda container: container.bytes_used,
        "updated_at": lambda container: container.updated_at and container.updated_at.isoformat(),
    },
)


@require_safe
@login_required
def index(request: HttpRequest, handle: Handle) -> HttpResponse:
    """All containers of a tenant."""
    return show(request, handle, CONTAINERS)
