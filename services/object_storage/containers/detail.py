"""The page of one container: how much lies in it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.object_storage.containers.kind import CONTAINERS
from services.object_storage.models import Container


def context(_request: HttpRequest, _tenant: Tenant, container: Container) -> dict[str, Any]:
    """Return its counts as the object store gives them."""
    return {
        "facts": [
            Fact(_("Objects"), formats.number(container.objects_count)),
            Fact(_("Size"), str(formats.size(container.bytes_used))),
            detail.when(_("Changed"), container.updated_at),
            Fact(_("Name"), chips=(container.name,)),
        ],
    }


DETAIL = Detail(
    kind=CONTAINERS,
    template="object_storage/container.html",
    command="container show",
    context=context,
)
