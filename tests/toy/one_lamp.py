"""What the two actions share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from projects.actions import base
from projects.actions.one_thing import OneThing
from projects.models import Operation, Tenant
from projects.operations.run import Run
from projects.outcomes import Ask, Done, Outcome, Refusal, Step, Wait
from tests.toy.house import House
from tests.toy.models import Lamp


class Params(base.Params):
    """Which lamp, by its id."""

    lamp_id: str


class SwitchLamp(OneThing[Params, Lamp]):
    """Switches one lamp to `status`; `back` is the action that takes it back."""

    params = Params
    icon = "zap"
    services = ("lamps",)
    model, param, missing = Lamp, "lamp_id", "There is no such lamp here."
    status: ClassVar[str]
    back: ClassVar[str]

    def refusals(self, tenant: Tenant, thing: Lamp, params: Params) -> Iterable[Refusal]:
        if thing.status == self.status:
            yield Refusal("lamp_id", f"{thing} is {self.status} already.")

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("switch", "Switch it", "Switched it"),)

    def step(self, run: "Run[House]", params: Params) -> Outcome:
        run.at("switch")
        lamp = run.cloud.get(params.lamp_id)
        run.saw(lamp)
        if lamp.status == self.status:
            return Done()
        run.send("switch", lambda: run.cloud.switch(params.lamp_id, self.status))
        return Wait(0)

    def undo(self, operation: Operation, params: Params) -> Ask | None:
        return Ask(self.back, params.model_dump())
