"""Containers of object storage."""

from django.utils.translation import gettext_lazy as _

from portal.ui import formats
from projects.api.shapes import shape_of
from projects.kinds import Kind, News
from services.object_storage.containers.figures import measure
from services.object_storage.models import Container
from services.openstack.words import Service

CONTAINERS = Kind(
    key="containers",
    one="container",
    name=_("Container"),
    names=_("Containers"),
    noun=_("containers"),
    icon="folder-open",
    group="storage",
    position=60,
    hint=lambda container: str(formats.size(container.bytes_used)),
    figures=measure,
    news=News(),
    model=Container,
    service=Service.OBJECT_STORE,
    shape=shape_of("Container", Container),
)
