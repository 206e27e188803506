"""What every action on one thing has: that the thing exists, its name in sentences, and that it is what changes.

    class OneRouter(OneThing[P, Router]):
        model, param, missing = Router, "router_id", gettext_lazy("There is no such router here.")

    class DeleteRouter(OneRouter[Params]):
        asked, done = gettext_lazy("Delete router %(router)s"), gettext_lazy("Deleted router %(router)s")

The action's own module says what is its own only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast

from django_stubs_ext import StrOrPromise

from projects.actions.base import Action, P
from projects.models import Resource, Tenant
from projects.outcomes import Ends, Refusal, Thing, name_of

R = TypeVar("R", bound=Resource)


class OneThing(Action[P], Generic[P, R]):
    """A verb on one thing of a kind. `asked` is its sentence, `done` the same when it is done."""

    model: ClassVar[type[Resource]]
    # The parameter that holds the thing's id. Without "_id" it is the word for its name in the sentences.
    param: ClassVar[str]
    # What is said where the thing does not exist.
    missing: ClassVar[StrOrPromise]
    asked: ClassVar[StrOrPromise]
    done: ClassVar[StrOrPromise]

    def id_of(self, params: P) -> str:
        """Return the thing's id."""
        return str(getattr(params, self.param))

    def words(self, params: P, names: Mapping[str, str]) -> Mapping[str, str]:
        """Return the words of the sentences: the thing's name."""
        return {self.param.removesuffix("_id"): name_of(names, self.id_of(params))}

    def title(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.asked) % self.words(params, names)

    def told(self, params: P, names: Mapping[str, str]) -> str:
        return str(self.done) % self.words(params, names)

    def things(self, params: P) -> Sequence[Thing]:
        return (Thing(self.model, self.id_of(params)),)

    def check(self, tenant: Tenant, params: P) -> Iterable[Refusal]:
        row = self._row(tenant, params)
        return [Refusal(self.param, str(self.missing))] if row is None else self.refusals(tenant, row, params)

    def ends(self, tenant: Tenant, params: P) -> Ends:
        row = self._row(tenant, params)
        return Ends() if row is None else self.ends_of(row, params)

    def _row(self, tenant: Tenant, params: P) -> R | None:
        row: Any = self.model._default_manager.filter(tenant=tenant, external_id=self.id_of(params)).first()
        if row is not None:
            row.tenant = tenant  # at hand, so that nobody reads it again
        return cast("R | None", row)

    def refusals(self, tenant: Tenant, thing: R, params: P) -> Iterable[Refusal]:
        """Say what speaks against it with this thing, which exists."""
        return ()

    def ends_of(self, thing: R, params: P) -> Ends:
        """Say what is lost and what is kept when it is done with this thing, which exists."""
        return Ends()
