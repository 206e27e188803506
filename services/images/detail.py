"""The page of one image."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.ui import formats
from projects.models import Tenant
from projects.pages import detail
from projects.pages.detail import Detail, Fact
from services.compute.models import Server
from services.images.kind import IMAGES
from services.images.models import Image

# A page lists so many users of a thing and says how many there are in all.
SHOWN = 20


def context(_request: HttpRequest, tenant: Tenant, image: Image) -> dict[str, Any]:
    """The servers that started from it."""
    servers = Server.objects.filter(tenant=tenant, image_id=image.external_id)
    return {
        "facts": facts(image),
        "servers": list(servers[:SHOWN]),
        "servers_total": servers.count(),
        "servers_url": f"/{tenant.handle}/servers/?q={image.name}" if image.name else "",
    }


def facts(image: Image) -> list[Fact]:
    """The row of facts under the name."""
    system = f"{image.os_distro} {image.os_version}".strip()
    size = "" if image.size_bytes is None else str(formats.size(image.size_bytes))
    return [
        Fact(_("System"), system, soft=image.architecture, missing=_("not stated")),
        Fact(_("Size"), size, soft=image.disk_format, missing=_("not stated")),
        Fact(_("Needs a disk of"), str(formats.gibibytes(image.min_disk_gb)) if image.min_disk_gb else _("any size")),
        Fact(_("Needs memory of"), str(formats.mebibytes(image.min_ram_mb)) if image.min_ram_mb else _("any size")),
        Fact(_("From"), _("this project") if image.owned else image.visibility),
        detail.yes_no(_("Protected"), image.protected),
        detail.when(_("Created"), image.created_at),
        Fact(_("Id"), chip=image.external_id),
    ]


DETAIL = Detail(kind=IMAGES, template="projects/image.html", command="image show", context=context)
