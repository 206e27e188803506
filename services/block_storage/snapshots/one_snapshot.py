"""What the actions on one snapshot share: that it exists, its name in sentences, and what they change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar

from django_stubs_ext import StrOrPromise

from projects.actions import base
from projects.actions.base import Action
from projects.models import Tenant
from projects.outcomes import Refusal, Thing, name_of
from services.block_storage.models import Snapshot
from services.block_storage.volumes import storage
from services.openstack.words import Service


class Params(base.Params):
    """Which snapshot, by its id."""

    snapshot_id: str


P = TypeVar("P", bound=Params)


class OneSnapshot(Action[P]):
    """A verb on one snapshot. `asked` is its sentence, `done` the same when it is done."""

    services: ClassVar[Sequence[Service]] = (Service.BLOCK_STORAGE,)
    asked: ClassVar[StrOrPromise]
    done: ClassVar[StrOrPromise]

    def words(self, params: P, names: Mapping[str, str]) -> dict[str, str]:
        """Return the words of its sentences: the snapshot's name."""
        return {"snapshot": name_of(names, params.snapshot_id)}

    def title(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.asked) % self.words(params, names)

    def told(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.done) % self.words(params, names)

    def things(self, params: P) -> Sequence[Thing]:
        return (Thing(Snapshot, params.snapshot_id),)

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        snapshot = storage.snapshot_of(tenant, params.snapshot_id)
        return [storage.no_snapshot()] if snapshot is None else self.refusals(snapshot, params)

    def refusals(self, snapshot: Snapshot, params: P) -> Iterable[Refusal]:
        """Say what stands against it with this snapshot."""
        return ()
