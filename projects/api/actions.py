"""Actions: what can be asked for. Each has its own address and body, made from the action itself."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, Path, Router
from pydantic import AfterValidator, Field, StringConstraints, create_model

from projects import freshness
from projects.access import Visit
from projects.actions import ACTIONS, private_text
from projects.actions.base import Action, Params
from projects.api import operations
from projects.api.base import HANDLE, EnteredText, HandleText, KeyText, allowed, caller, visit_of
from projects.api.operations import OperationRow
from projects.api.refusals import Fault, told
from projects.api.shapes import Shape
from projects.models import Limit, Operation
from projects.operations import asking
from projects.operations.asking import RefusedError
from projects.pages.command import commands_of, shell_lines

router = Router(tags=["actions"])
# The name in the vault, in a dry run that keeps nothing.
_NOT_KEPT = "given"


class ActionRow(Shape):
    """Something that can be asked for: `POST …/actions/{name}`."""

    name: str
    label: str
    text: str = Field(description="What it does.")
    role: str = Field(description="The role that it needs.")
    may: bool = Field(description="Whether mine allows it.")
    offered: bool = Field(description="Whether the location has the services for it.")


class CostRow(Shape):
    """What it takes of a limit. `used` null: the cloud does not say; `allowed` null: it sets none."""

    measure: str
    costs: int
    used: int | None
    allowed: int | None


class LotRow(Shape):
    """Something that is lost or kept, and what becomes of it."""

    text: str
    small: str


class Preview(Shape):
    """What would happen. Without refusals it can be asked for, as far as is known."""

    title: str
    steps: list[str]
    refusals: list[Fault]
    costs: list[CostRow]
    lost: list[LotRow] = Field(description="What is lost with it.")
    kept: list[LotRow] = Field(description="What is kept, where that is not clear by itself.")
    command: str = Field(description="The same by the platform's command line; empty where there is none.")
    terraform: str = Field(description="What is made, as a Terraform resource; empty where nothing is.")


@router.get(
    "/actions",
    response=list[ActionRow],
    operation_id="list_actions",
    url_name="list_actions",
    summary="What can be asked for",
)
def index(request: HttpRequest, handle: HandleText) -> list[ActionRow]:
    """All actions, and whether my role and the location allow them."""
    visit = visit_of(request)
    has = set(visit.tenant.location.services.exclude(url="").values_list("service", flat=True))
    return [
        ActionRow(
            name=action.name,
            label=str(action.label),
            text=(action.__doc__ or "").strip(),
            role=action.role.value,
            may=asking.may(visit.role, action),
            offered=has.issuperset(action.services),
        )
        for action in ACTIONS.values()
        if action.in_api
    ]


def add(action: Action[Any]) -> None:
    """Return the addresses of one action: asking for it, and the dry run."""
    body = body_of(action)
    handle_text = Annotated[EnteredText, AfterValidator(allowed(action)), Path(description=HANDLE)]

    def ask(
        request: HttpRequest, response: HttpResponse, handle: HandleText, params: Any, key: KeyText = ""
    ) -> OperationRow:
        visit, who = visit_of(request), caller(request)
        text = getattr(params, action.private) if action.private else ""
        # The same text with the same key has the same name, and without a key each has its own.
        name = private_text.name_of(who.user.pk, key or uuid4().hex, text) if text else ""
        if text:
            private_text.keep(who.grant, name, text)
        try:
            made = asking.ask(visit, who.grant, action, _own(action, params, name), via=Operation.Via.API, key=key)
        except RefusedError:
            if text:
                private_text.forget(name)
            raise
        return operations.begun(visit, response, made)

    def preview(request: HttpRequest, handle: HandleText, params: Any, key: KeyText = "") -> Preview:
        visit = visit_of(request)
        freshness.look_at(visit.tenant, caller(request).grant)
        return previewed(visit, action, _own(action, params, _NOT_KEPT))

    name, said = action.name.replace("-", "_"), str(action.label)
    text = (action.__doc__ or "").strip()
    for function, path, status, shape, id_, summary, description in (
        (ask, "", 202, OperationRow, name, said, text),
        (preview, "/preview", 200, Preview, f"preview_{name}", _("%(action)s: dry run") % {"action": said}, _DRY),
    ):
        function.__annotations__ |= {"handle": handle_text, "params": Annotated[body, Body()]}
        router.post(
            f"/actions/{action.name}{path}",
            response={status: shape},
            operation_id=id_,
            url_name=id_,
            summary=summary,
            description=description,
        )(function)


_DRY = "What it would do, take of the limits and be refused for. Nothing is made, and no cloud is asked."


def body_of(action: Action[Any]) -> type[Params]:
    """Return the action's params under a name of their own. A private text is itself here; it goes to the vault."""
    fields: dict[str, Any] = {}
    if action.private:
        what = action.params.model_fields[action.private].description
        said = f"{what} Kept encrypted for half an hour and never told again."
        text = Annotated[
            str,
            StringConstraints(strip_whitespace=False, max_length=private_text.MOST_BYTES),
            AfterValidator(_short_enough),
        ]
        fields[action.private] = (text, Field("", description=said))
    name = "".join(part.capitalize() for part in action.name.split("-"))
    return create_model(name, __base__=action.params, __doc__=action.params.__doc__, __module__=__name__, **fields)


def previewed(visit: Visit, action: Action[Any], wanted: Params) -> Preview:
    """Return the dry run."""
    tenant = visit.tenant
    names = asking.names_of(tenant, [*action.things(wanted), *action.also_named(wanted)])
    refusals = asking.refusals_of(tenant, action, wanted) or list(action.check_person(visit, wanted))
    ends = action.ends(tenant, wanted)
    return Preview(
        title=action.title(wanted, names),
        steps=[str(step.todo) for step in action.steps(wanted, names)],
        refusals=[told(one) for one in refusals],
        costs=_costs(visit, action.costs(tenant, wanted)),
        lost=[LotRow(text=str(one.text), small=str(one.small)) for one in ends.lost],
        kept=[LotRow(text=str(one.text), small=str(one.small)) for one in ends.kept],
        command=shell_lines(tenant, commands_of(tenant, action, wanted)),
        terraform=action.terraform(tenant, wanted, names),
    )


def _costs(visit: Visit, costs: Mapping[str, int]) -> list[CostRow]:
    limits = {limit.measure: limit for limit in Limit.objects.filter(tenant=visit.tenant, measure__in=costs)}
    found = []
    for measure, amount in costs.items():
        limit = limits.get(measure)
        used, allowed = (limit.used, limit.allowed) if limit else (None, None)
        found.append(CostRow(measure=measure, costs=amount, used=used, allowed=allowed))
    return found


def _own(action: Action[Any], given: Params, name: str) -> Params:
    """Return the action's own params: a private text has its name in the vault there."""
    values = given.model_dump()
    if action.private and values[action.private]:
        values[action.private] = name
    return action.params.model_validate(values)


def _short_enough(text: str) -> str:
    if len(text.encode()) > private_text.MOST_BYTES:
        raise ValueError(_("At most %(n)d bytes.") % {"n": private_text.MOST_BYTES})
    return text


for _action in ACTIONS.values():
    if _action.in_api:
        add(_action)
