"""The list of object containers."""

from django.utils.translation import gettext_lazy as _

from portal.ui.commands import Command
from projects.pages.listing import Column, Empty, Listing
from services.object_storage.containers.kind import CONTAINERS

LISTING = Listing(
    kind=CONTAINERS,
    template="object_storage/containers.html",
    columns=(
        Column("name", _("Name"), sort=("name",)),
        Column("objects", _("Objects"), "r b", sort=("objects_count",)),
        Column("size", _("Size"), "r d", sort=("bytes_used",)),
        Column("updated", _("Changed"), "r", sort=("updated_at",)),
    ),
    placeholder=_("Name"),
    command="container list",
    empty=Empty(
        _("No containers yet"),
        _("A container holds objects: files that programs and people fetch by their address."),
        Command("container create", things=["backups"]),
    ),
    csv={
        "name": lambda container: container.name,
        "objects": lambda container: container.objects_count,
        "bytes": lambda container: container.bytes_used,
        "updated_at": lambda container: container.updated_at and container.updated_at.isoformat(),
    },
)
