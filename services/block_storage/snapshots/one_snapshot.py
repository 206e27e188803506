"""What the actions on one snapshot share."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from services.block_storage.models import Snapshot
from services.openstack.words import Service


class Params(base.Params):
    """Which snapshot, by its id."""

    snapshot_id: str


class OneSnapshot(OneThing[P, Snapshot]):
    """A verb on one snapshot."""

    services = (Service.BLOCK_STORAGE,)
    model = Snapshot
    param: ClassVar[str] = "snapshot_id"
    missing = gettext_lazy("There is no such snapshot here.")
