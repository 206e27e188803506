"""What the actions on one volume share."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from projects.actions import base
from projects.actions.base import P
from projects.actions.one_thing import OneThing
from services.block_storage.models import Volume
from services.openstack.words import Service


class Params(base.Params):
    """Which volume, by its id."""

    volume_id: str


class OneVolume(OneThing[P, Volume]):
    """A verb on one volume."""

    services = (Service.BLOCK_STORAGE,)
    model = Volume
    param: ClassVar[str] = "volume_id"
    missing = gettext_lazy("There is no such volume here.")
