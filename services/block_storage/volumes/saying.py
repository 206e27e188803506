"""How volumes and snapshots are described: their size and age."""

from django.utils.translation import gettext as _

from portal.ui import formats
from services.block_storage.models import Snapshot, Volume


def size_of(thing: Volume | Snapshot) -> str:
    """Say its size."""
    return str(formats.gibibytes(thing.size_gb))


def made(thing: Volume | Snapshot) -> str:
    """Say when it was made; empty where the cloud does not tell."""
    if thing.created_at is None:
        return ""
    words = {"time": formats.moment(thing.created_at), "age": formats.age(thing.created_at)}
    return _("made %(time)s, %(age)s ago") % words
