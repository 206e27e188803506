"""What the palette offers."""

from django.utils.translation import gettext_lazy as _

from projects.pages.palette import Way
from services.block_storage.models import Volume


def _may_leave(volume: Volume) -> bool:
    """Tell whether a volume is at one server, and not the disk that the server boots from, which stays with it."""
    return len(volume.attachments) == 1 and not volume.attachments[0]["device"].endswith("da")


WAYS = (
    Way("create-volume", _("Create a volume…"), "create-volume"),
    Way(
        "attach-volume",
        _("Attach %(name)s to a server…"),
        "attach-volume",
        Volume,
        lambda volume: not volume.attachments or volume.multiattach,
    ),
    Way("detach-volume", _("Detach %(name)s from its server…"), "detach-volume", Volume, _may_leave),
    Way("create-snapshot", _("Take a snapshot of %(name)s…"), "create-snapshot", Volume),
    Way("extend-volume", _("Extend %(name)s…"), "extend-volume", Volume),
    Way("edit-volume", _("Rename %(name)s…"), "edit-volume", Volume),
    Way("delete-volume", _("Delete %(name)s…"), "delete-volume", Volume, lambda volume: not volume.attachments),
)
