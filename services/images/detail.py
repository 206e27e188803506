"""The page of one image."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
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
    """Return the servers that started from it."""
    servers = Server.objects.filter(tenant=tenant, image_id=image.external_id)
    listed = reverse("servers", kwargs={"handle": tenant.handle})
    return {
        "facts": facts(image),
        "servers": list(servers[:SHOWN]),
        "servers_total": servers.count(),
        "servers_url": f"{listed}?{urlencode({'q': image.name})}" if image.name else "",
    }


def facts(image: Image) -> list[Fact]:
    """Return the row of facts under the name."""
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


DETAIL = Detail(kind=IMAGES, template="images/image.html", command="image show", context=context)
