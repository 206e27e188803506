"""The list of images."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.pages.listing import Column, Empty, Listing, flags_facet, values_facet
from services.images.kind import IMAGES
from services.images.models import Image

LISTING = Listing(
    kind=IMAGES,
    template="images/images.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("status", _("Status"), sort=("status",)),
        Column("owner", _("From"), sort=("owned", "visibility")),
        Column("system", _("System"), "lo", sort=("os_distro", "os_version")),
        Column("format", _("Format"), "lo", sort=("disk_format",)),
        Column("size", _("Size"), "r", sort=("size_bytes",)),
        Column("created", _("Age"), "r", sort=("created_at",)),
    ),
    facets=(
        values_facet(Image, "status", _("Status"), kind="image", option="--status"),
        flags_facet(
            Image,
            "from",
            _("From"),
            {
                "project": (_("this project"), Q(owned=True)),
                "shared": (_("other projects"), Q(owned=False) & ~Q(visibility="public")),
                "public": (_("the operator"), Q(owned=False, visibility="public")),
            },
        ),
        values_facet(Image, "os_distro", _("System"), key="system"),
    ),
    placeholder=_("Name, system or id"),
    command="image list",
    empty=Empty(
        _("No images yet"),
        _("An image is the disk that a new server starts from."),
        Command("image create", [("--disk-format", "qcow2"), ("--file", "debian-13.qcow2")], ["debian-13"]),
    ),
    csv={
        "id": lambda image: image.external_id,
        "name": lambda image: image.name,
        "status": lambda image: image.status,
        "visibility": lambda image: image.visibility,
        "owned": lambda image: image.owned,
        "size_bytes": lambda image: image.size_bytes,
        "min_disk_gb": lambda image: image.min_disk_gb,
        "min_ram_mb": lambda image: image.min_ram_mb,
        "disk_format": lambda image: image.disk_format,
        "os": lambda image: f"{image.os_distro} {image.os_version}".strip(),
        "created_at": lambda image: image.created_at and image.created_at.isoformat(),
    },
)
