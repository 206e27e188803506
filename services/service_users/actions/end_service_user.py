"""End a service user: what Meshdeck does by itself, in the project's audit log. Nobody asks for it."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from projects.access import Visit
from projects.actions import base
from projects.actions.base import Action
from projects.outcomes import Outcome, Refusal, Step, Thing, name_of
from services.openstack.actions import Run
from services.openstack.words import Service
from services.service_users.models import ServiceUser

ENDING = "end-service-user"


class Why(models.TextChoices):
    """Why it was for Meshdeck to end it."""

    REPLACED = "replaced", gettext_lazy("Ended the old secret of %(name)s, as the new one has taken its place")
    OVER = "over", gettext_lazy("Ended service user %(name)s, as its time was over")
    LOST = "lost", gettext_lazy("Ended service user %(name)s, as nobody had its secret")


class Params(base.Params):
    """Which one, by the cloud's id, and why. `made_by` is the operation that made it, where one of ours did."""

    external_id: str = Field(min_length=1, max_length=256)
    kind: ServiceUser.Kind
    why: Why
    made_by: str = ""


class EndServiceUser(Action[Params]):
    """The words for it. It is done by the sweeper (ending.py) and by who reads the register (lost.py)."""

    name = ENDING
    params = Params
    label = gettext_lazy("End service user")
    icon = "ban"
    services = (Service.IDENTITY,)
    cancellable = False
    in_api = False
    personal = True

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("End service user %(name)s") % {"name": name_of(names, params.external_id)}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return str(params.why.label) % {"name": name_of(names, params.external_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return (Thing(ServiceUser, params.external_id),)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("end", _("Have the cloud forget it"), _("The cloud has forgotten it")),)

    def check_person(self, visit: Visit, params: Params) -> Iterable[Refusal]:
        return [Refusal("", _("Meshdeck does this by itself. Revoke it instead."))]

    def step(self, run: Run, params: Params) -> Outcome:
        raise TypeError("nobody can ask for it")
