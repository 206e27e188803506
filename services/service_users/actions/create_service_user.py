"""Create a service user: a login for a machine, in one project, its secret handed over once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AwareDatetime, Field

from portal.ui.commands import Command
from projects.access import Visit
from projects.actions import base
from projects.actions.base import Action
from projects.models import Operation, Role, Tenant
from projects.outcomes import Done, Outcome, Refusal, Step, Thing
from services.openstack.actions import Run
from services.openstack.words import Service
from services.service_users.actions.parts import ends, making
from services.service_users.actions.parts.ends import Rule
from services.service_users.models import LONGEST_NAME, ServiceUser
from services.service_users.types import TYPES
from services.service_users.types.base import Wanted


class Params(base.Params):
    """What it is called, what it is for, which of my roles it has, what of these it may use, and when it ends.

    `kind` is one of types/; some have all of my roles, always. Without roles it has all of mine, without access rules
    it may all that its roles may, without an end it never ends.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME, pattern=ends.NAME)
    description: str = Field("", max_length=500)
    kind: ServiceUser.Kind = ServiceUser.Kind.APPLICATION_CREDENTIAL
    roles: list[str] = Field(default=[], max_length=20)
    access_rules: list[Rule] = Field(default=[], max_length=50)
    expires_at: AwareDatetime | None = None


class CreateServiceUser(Action[Params]):
    """A login for a machine, whose secret is yours once."""

    name = "create-service-user"
    params = Params
    label = gettext_lazy("Create service user")
    icon = "bot"
    services = (Service.IDENTITY,)
    # Keystone lets whoever has any role in a project give it on, and nobody more than that.
    role = Role.READER
    patience = timedelta(minutes=30)
    cancellable = False
    in_api = False
    personal = True

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Create service user %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Created service user %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return ()

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return making.steps()

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        kind = TYPES[params.kind]
        if why := kind.not_offered(tenant):
            yield Refusal("kind", why)
        if not kind.picks and (params.roles or params.access_rules):
            yield Refusal("kind", _("This kind has all of your roles: nothing of them can be left out."))
        elif not kind.narrows and params.access_rules:
            yield Refusal("may", _("This kind can't be narrowed to some requests, only to some of your roles."))
        if params.access_rules and (why := ends.no_rules(tenant)):
            yield Refusal("access_rules", why)
        yield from ends.against_end(params.expires_at)

    def check_person(self, visit: Visit, params: Params) -> Iterable[Refusal]:
        yield from ends.against_roles(visit, params.roles)
        mine = ServiceUser.objects.filter(
            tenant=visit.tenant, owner=visit.user, label=params.name, ends_at=None, ended_at=None
        )
        if mine.exists():
            said = _("You have one called %(name)s here already. Rotate it, or choose another name.")
            yield Refusal("name", said % {"name": params.name})
        yield from ends.against_rate(visit)

    def step(self, run: Run, params: Params) -> Outcome:
        if not run.memory.get("sent") and (refused := making.unassigned(run, params.roles)):
            return refused
        rules = [rule.model_dump(mode="json") for rule in params.access_rules]
        wanted = Wanted(params.name, "", params.description, params.roles, rules, params.expires_at)
        made = making.hand_over(run, TYPES[params.kind], wanted, {})
        return Done() if isinstance(made, ServiceUser) else made

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        if params.kind == ServiceUser.Kind.EC2:
            return [Command("ec2 credentials create")]
        if params.kind == ServiceUser.Kind.KEYSTONE_USER:
            return []  # it takes the operator's account
        options = [("--role", role) for role in params.roles]
        if params.description:
            options.append(("--description", params.description))
        if params.expires_at:
            options.append(("--expiration", params.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")))
        if params.access_rules:
            options.append(("--access-rules", "rules.json"))
        return [Command("application credential create", options, [params.name])]

    def stands(self, operation: Operation, params: Params) -> str:
        return making.stands(operation)
