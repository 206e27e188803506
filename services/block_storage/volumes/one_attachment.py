"""What the actions on a volume and a server share: both names in sentences, and that both are changed."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django_stubs_ext import StrOrPromise

from projects.actions import base
from projects.actions.base import Action
from projects.outcomes import Thing, name_of
from services.block_storage.models import Volume
from services.compute.models import Server
from services.openstack.words import Service


class Params(base.Params):
    """Which volume and which server, by their ids."""

    volume_id: str
    server_id: str


class OneAttachment(Action[Params]):
    """A verb on a volume at a server. `asked` is its sentence, `done` the same when it is done."""

    params = Params
    services: ClassVar[Sequence[Service]] = (Service.COMPUTE, Service.BLOCK_STORAGE)
    asked: ClassVar[StrOrPromise]
    done: ClassVar[StrOrPromise]

    def words(self, params: Params, names: Mapping[str, str]) -> dict[str, str]:
        """Return the words of its sentences: both names."""
        return {"volume": name_of(names, params.volume_id), "server": name_of(names, params.server_id)}

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return str(self.asked) % self.words(params, names)

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return str(self.done) % self.words(params, names)

    def things(self, params: Params) -> Sequence[Thing]:
        return Thing(Volume, params.volume_id), Thing(Server, params.server_id)
