"""Revoke a service user: its secret, and every token that was had by it, are refused from then on."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from portal.ui.commands import Command
from projects.access import Visit
from projects.actions import base
from projects.actions.base import Action
from projects.models import Operation, Role, Tenant
from projects.outcomes import Done, Ends, Failed, Lot, Outcome, Refusal, Step, Thing, Wait, name_of
from services.openstack.actions import Run
from services.openstack.words import Service
from services.service_users import rows
from services.service_users.actions.rotate_service_user import against_owner
from services.service_users.models import ServiceUser
from services.service_users.types import TYPES
from services.service_users.types.base import At


class Params(base.Params):
    """Which one of my own, by the cloud's id; `overlap` says that another one has taken its place.

    `kind` is for the command that would do the same.
    """

    external_id: str = Field(min_length=1, max_length=256)
    overlap: bool = False
    kind: ServiceUser.Kind = ServiceUser.Kind.APPLICATION_CREDENTIAL


class RevokeServiceUser(Action[Params]):
    """Ends a machine's login at once."""

    name = "revoke-service-user"
    params = Params
    label = gettext_lazy("Revoke service user")
    icon = "ban"
    services = (Service.IDENTITY,)
    role = Role.READER
    cancellable = False

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        said = _("End the old secret of %(name)s") if params.overlap else _("Revoke service user %(name)s")
        return said % {"name": name_of(names, params.external_id)}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        said = _("Ended the old secret of %(name)s") if params.overlap else _("Revoked service user %(name)s")
        return said % {"name": name_of(names, params.external_id)}

    def things(self, params: Params) -> Sequence[Thing]:
        return (Thing(ServiceUser, params.external_id),)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("revoke", _("Have the cloud forget it"), _("The cloud has forgotten it")),)

    def ends(self, tenant: Tenant, params: Params) -> Ends:
        row = ServiceUser.objects.filter(tenant=tenant, external_id=params.external_id).first()
        if row is None:
            return Ends()
        refused = _("Whatever logs in with this secret is refused from now on, and its tokens end")
        kept = Lot(_("What it has made"), _("Servers, volumes and objects stay as they are"))
        return Ends([Lot(str(row), refused)], [kept])

    def check_person(self, visit: Visit, params: Params) -> Iterable[Refusal]:
        return against_owner(visit, params.external_id)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("revoke")
        row = ServiceUser.objects.filter(tenant=run.tenant, external_id=params.external_id).first()
        if row is None:
            return Done()  # who reads the register has found it gone
        if not rows.still_changeable(run.operation, row):
            return Failed(_("It is not among yours in this project. Nothing was changed."), code="not_mine")
        kind, at = TYPES[row.kind], At(run.tenant, run.cloud)
        try:
            there = kind.get(at, params.external_id)
            if there.project_id != run.tenant.external_id:
                return Failed(_("It is not of this project. Nothing was changed."), code="not_mine")
            run.send_unless(errors.NotFound, "revoke", lambda: kind.delete(at, params.external_id))
        except errors.NotFound:
            rows.drop(run.tenant, run.operation.asker, params.external_id)
            return Done()
        except errors.AccountUnfit as error:
            return Failed(error.reason, error.detail, error.code)
        return Wait(0)

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        if params.kind == ServiceUser.Kind.KEYSTONE_USER:
            return []  # it takes the operator's account
        what = "credential" if params.kind == ServiceUser.Kind.EC2 else "application credential"
        return [Command(f"{what} delete", things=[params.external_id])]

    def stands(self, operation: Operation, params: Params) -> str:
        return _("It may still work.") if operation.accepted_at is None else _("The cloud took it on.")
