"""What the actions on one volume share: that it exists, its name in sentences, and what they change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar

from django_stubs_ext import StrOrPromise

from projects.actions import base
from projects.actions.base import Action
from projects.models import Tenant
from projects.outcomes import Refusal, Thing, name_of
from services.block_storage.models import Volume
from services.block_storage.volumes import storage
from services.openstack.words import Service


class Params(base.Params):
    """Which volume, by its id."""

    volume_id: str


P = TypeVar("P", bound=Params)


class OneVolume(Action[P]):
    """A verb on one volume. `asked` is its sentence, `done` the same when it is done: "Extend %(volume)s"."""

    services: ClassVar[Sequence[Service]] = (Service.BLOCK_STORAGE,)
    asked: ClassVar[StrOrPromise]
    done: ClassVar[StrOrPromise]

    def words(self, params: P, names: Mapping[str, str]) -> dict[str, str]:
        """Return the words of its sentences: the volume's name."""
        return {"volume": name_of(names, params.volume_id)}

    def title(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.asked) % self.words(params, names)

    def told(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.done) % self.words(params, names)

    def things(self, params: P) -> Sequence[Thing]:
        return (Thing(Volume, params.volume_id),)

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        volume = storage.volume_of(tenant, params.volume_id)
        return [storage.no_volume()] if volume is None else self.refusals(volume, params)

    def refusals(self, volume: Volume, params: P) -> Iterable[Refusal]:
        """Say what stands against it with this volume."""
        return ()
