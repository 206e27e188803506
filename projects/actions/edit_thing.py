"""What the actions that edit a thing's name and description have in common; `editing` says how it is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from projects.actions import editing
from projects.actions.one_thing import OneThing, R
from projects.models import Operation, Tenant
from projects.outcomes import Ask, Refusal, Step, name_of

W = TypeVar("W", bound=editing.Words)


class EditThing(OneThing[W, R]):
    """Changes what a thing is called. The four sentences name it `was` and `name`."""

    icon = "pencil"
    renames: ClassVar[StrOrPromise]
    renamed: ClassVar[StrOrPromise]
    describes: ClassVar[StrOrPromise]
    described: ClassVar[StrOrPromise]

    def title(self, params: W, names: Mapping[str, str]) -> str:
        return self._said(params, names, self.renames, self.describes)

    def told(self, params: W, names: Mapping[str, str]) -> str:
        return self._said(params, names, self.renamed, self.described)

    def _said(self, params: W, names: Mapping[str, str], renamed: StrOrPromise, described: StrOrPromise) -> str:
        was = name_of(names, self.id_of(params))
        return str(described if params.name == was else renamed) % {"was": was, "name": params.name}

    def steps(self, params: W, names: Mapping[str, str]) -> Sequence[Step]:
        return [Step("write", _("Write it"), _("Written"))]

    def refusals(self, tenant: Tenant, thing: R, params: W) -> Iterable[Refusal]:
        now: Any = thing
        if (now.name, now.description) == params.wanted:
            return [Refusal("", _("This is what it is called already."))]
        return [Refusal("", editing.meanwhile(now))] if params.changed_meanwhile(now) else []

    def undo(self, operation: Operation, params: W) -> Ask | None:
        if params.was_name is None or params.was_description is None:
            return None
        before = {"name": params.was_name, "description": params.was_description}
        now = {"was_name": params.name, "was_description": params.description}
        return Ask(self.name, {self.param: self.id_of(params), **before, **now})
