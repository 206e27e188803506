"""An application credential: a person's own, for one project, with some of the roles, ended by Keystone itself."""

from datetime import MAXYEAR, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import application_credentials
from clouds.openstack.application_credentials import AccessRule, ApplicationCredential
from clouds.openstack.session import Connection
from projects.models import Tenant
from projects.outcomes import Failed
from services.service_users.models import ServiceUser
from services.service_users.types.base import At, Seen, ServiceUserType, Wanted, belongs_to_you, older_than


class ApplicationCredentialType(ServiceUserType):
    """Keystone gives a name to one of a person only: the name, with its mark, finds it, and no second is made."""

    key = ServiceUser.Kind.APPLICATION_CREDENTIAL.value
    position = 10
    label = gettext_lazy("Application credential")

    def text(self, tenant: Tenant) -> str:
        return belongs_to_you(tenant)

    def not_offered(self, tenant: Tenant) -> str:
        said = _("%(place)s has no application credentials: its Keystone is older than Queens, of 2018.")
        return older_than(tenant, application_credentials.SINCE, said)

    def create(self, at: At, wanted: Wanted) -> Seen:
        made = application_credentials.create(
            at.cloud,
            application_credentials.Wanted(
                wanted.name,
                wanted.secret,
                wanted.description,
                tuple(wanted.roles),
                tuple(AccessRule.model_validate(rule) for rule in wanted.access_rules),
                wanted.expires_at,
            ),
        )
        return _seen(at.cloud, made)

    def find(self, at: At, name: str) -> list[Seen]:
        return [_seen(at.cloud, one) for one in application_credentials.list_own(at.cloud, name)]

    def get(self, at: At, external_id: str) -> Seen:
        return _seen(at.cloud, application_credentials.get(at.cloud, external_id))

    def delete(self, at: At, external_id: str) -> None:
        application_credentials.delete(at.cloud, external_id)

    def list_own(self, cloud: Connection) -> list[Seen] | None:
        return [_seen(cloud, one) for one in application_credentials.list_own(cloud)]

    def refused(self, at: At, error: CloudError) -> Failed | None:
        if isinstance(error, errors.Invalid) and "role assignment" in error.detail.lower():
            said = _(
                "%(place)s knows your roles by your groups alone, and does not let such people make credentials. Its "
                "operator can change that: authorization_ttl of the identity provider."
            )
            return Failed(said % {"place": at.place}, error.detail, "roles_by_groups")
        if isinstance(error, errors.NotFound):
            said = _("%(place)s has no application credentials: its Keystone is older than Queens, of 2018.")
            return Failed(said % {"place": at.place}, error.detail, "not_offered")
        return None


def _seen(cloud: Connection, one: ApplicationCredential) -> Seen:
    columns = {
        "user_id": one.user_id or cloud.state.user_id,
        "description": one.description,
        "roles": one.roles,
        "access_rules": [rule.model_dump() for rule in one.access_rules],
        "unrestricted": one.unrestricted,
        "expires_at": _end(one.expires_at),
    }
    return Seen(ApplicationCredentialType.key, one.external_id, one.project_id, one.name, columns)


def _end(told: datetime | None) -> datetime | None:
    """Read the year 9999 as never, as some write it: it has no next day in zones east of UTC."""
    return None if told is None or told.year == MAXYEAR else told
