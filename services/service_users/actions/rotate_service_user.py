"""Rotate a service user: a new secret that may the same, and for a while the old one beside it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AwareDatetime, Field

from clouds import errors
from projects.access import Visit
from projects.actions import base
from projects.actions.base import Action
from projects.models import Operation, Role, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Thing, name_of
from services.openstack.actions import Run
from services.openstack.words import Service
from services.service_users import rows
from services.service_users.actions.parts import ends, making
from services.service_users.models import LONGEST_NAME, ServiceUser
from services.service_users.types import TYPES
from services.service_users.types.base import At, ServiceUserType, Wanted


class Params(base.Params):
    """Which one of my own, by the cloud's id; when the new one ends, and how long the old one works beside it."""

    external_id: str = Field(min_length=1, max_length=256)
    expires_at: AwareDatetime | None = None
    overlap_minutes: int = Field(60, ge=0, le=14 * 24 * 60)


class RotateServiceUser(Action[Params]):
    """A new secret takes the place of the old one, which nobody can look up."""

    name = "rotate-service-user"
    params = Params
    label = gettext_lazy("Rotate service user")
    icon = "refresh-cw"
    services = (Service.IDENTITY,)
    role = Role.READER
    patience = timedelta(minutes=30)
    cancellable = False
    in_api = False
    personal = True

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Rotate service user %(name)s") % {"name": name_of(names, params.external_id)}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Rotated service user %(name)s") % {"name": name_of(names, params.external_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return (Thing(ServiceUser, params.external_id),)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        if params.overlap_minutes:
            return making.steps([Step("old", _("Set the end of the old one"), _("Set the end of the old one"))])
        return making.steps([Step("old", _("End the old one"), _("Ended the old one"))])

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        yield from ends.against_end(params.expires_at)

    def check_person(self, visit: Visit, params: Params) -> Iterable[Refusal]:
        yield from against_owner(visit, params.external_id)
        known = ServiceUser.objects.filter(tenant=visit.tenant, external_id=params.external_id)
        if known.filter(ends_at__isnull=False).exists():
            yield Refusal("", _("Another one has taken its place already: rotate that one."))
        yield from ends.against_rate(visit)

    def step(self, run: Run, params: Params) -> Outcome:
        old = ServiceUser.objects.filter(tenant=run.tenant, external_id=params.external_id).first()
        if not run.memory.get("sent"):
            if old is None or not rows.still_changeable(run.operation, old):
                return Failed(_("It is not among yours in this project. Nothing was made."), code="not_mine")
            if failed := self._look(run, TYPES[old.kind], old):
                return failed
            made_at = old.made_at.isoformat() if old.made_at else None
            kept = {"label": old.label, "kind": old.kind, "made_at": made_at}
            kept |= {"description": old.description, "roles": old.roles, "access_rules": old.access_rules}
            run.remember(old=kept)
        kept = run.memory["old"]
        kind = TYPES[kept.get("kind", ServiceUser.Kind.APPLICATION_CREDENTIAL)]
        wanted = Wanted(
            name=str(kept["label"])[:LONGEST_NAME],
            secret="",
            description=kept["description"],
            roles=kept["roles"],
            access_rules=kept["access_rules"],
            expires_at=params.expires_at,
        )
        first_made = datetime.fromisoformat(kept["made_at"]) if kept["made_at"] else None
        about = {"made_at": first_made, "rotated_at": timezone.now()}
        made = making.hand_over(run, kind, wanted, about)
        return self._end_old(run, kind, params) if isinstance(made, ServiceUser) else made

    def _look(self, run: Run, kind: ServiceUserType, old: ServiceUser) -> Failed | None:
        """Tell whether it is there, mine, of this project, and made of roles that I still have."""
        try:
            there = kind.get(At(run.tenant, run.cloud), old.external_id)
        except errors.NotFound:
            rows.drop(run.tenant, run.operation.asker, old.external_id)
            return Failed(_("It is gone from the cloud, so there is nothing to rotate. Create a new one."), code="gone")
        except errors.AccountUnfit as error:
            return Failed(error.reason, error.detail, error.code)
        if there.project_id != run.tenant.external_id:
            return Failed(_("It is not among yours in this project. Nothing was made."), code="not_mine")
        return making.unassigned(run, there.columns.get("roles", old.roles))

    def _end_old(self, run: Run, kind: ServiceUserType, params: Params) -> Outcome:
        run.at("old")
        if params.overlap_minutes == 0:
            making.end(run, kind, params.external_id)
            return Done()
        return Done()  # whoever took the new secret has set the end of the old one (handing.py)

    def stands(self, operation: Operation, params: Params) -> str:
        old = ServiceUser.objects.filter(tenant=operation.tenant, external_id=params.external_id)
        if old.filter(ends_at__isnull=False).exists():
            return f"{_('The old one ends at the time that Service users shows.')} {making.stands(operation)}"
        return f"{_('The old one is as it was.')} {making.stands(operation)}"


def against_owner(visit: Visit, external_id: str) -> Iterable[Refusal]:
    """Another person's, another project's, or none that is known."""
    mine = rows.changeable(visit.tenant, visit.user, visit.role)
    if not mine.filter(external_id=external_id).exists():
        yield Refusal("", _("It is not among yours in this project: only its owner can change it."))
