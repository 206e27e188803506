"""An EC2 credential: the pair of keys by which S3 knows a person, who has all of the person's roles in one project."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import ec2_credentials
from clouds.openstack.ec2_credentials import Ec2Credential
from clouds.openstack.session import Connection
from projects.models import Tenant
from projects.outcomes import Failed
from services.openstack.words import Service
from services.service_users.models import ServiceUser, mark_in
from services.service_users.types.base import At, Seen, ServiceUserType, Wanted, belongs_to_you, older_than


class Ec2Type(ServiceUserType):
    """The access key is made of the operation's id: it finds the credential, and Keystone makes no second of it.

    Keystone knows no end of one. The name lies beside the keys, in words that only we read.
    """

    key = ServiceUser.Kind.EC2.value
    position = 20
    label = gettext_lazy("EC2 keys, for S3")
    bounded = False
    picks = False
    narrows = False

    def text(self, tenant: Tenant) -> str:
        what = _("For tools that speak S3, with all of your roles.")
        ends = _("On its day it ends while you are logged in, else when you next are.")
        return f"{what} {belongs_to_you(tenant)} {ends}"

    def not_offered(self, tenant: Tenant) -> str:
        place = {"place": tenant.location.name}
        objects = tenant.location.services.filter(service=Service.OBJECT_STORE).exclude(url="")
        if not objects.exists():
            return _("%(place)s offers no objects") % place
        if not objects.exclude(s3_url="").exists():
            return _("%(place)s does not tell that its objects can be had by S3") % place
        said = _("%(place)s lets only its operator make them: its Keystone is older than Stein, of 2019.")
        return older_than(tenant, ec2_credentials.SINCE, said)

    def create(self, at: At, wanted: Wanted) -> Seen:
        keys = ec2_credentials.Wanted(access_key(mark_in(wanted.name)), wanted.secret, wanted.name)
        return _seen(ec2_credentials.create(at.cloud, keys))

    def find(self, at: At, name: str) -> list[Seen]:
        external_id = ec2_credentials.id_of(access_key(mark_in(name)))
        return [_seen(one) for one in ec2_credentials.list_own(at.cloud) if one.external_id == external_id]

    def get(self, at: At, external_id: str) -> Seen:
        return _seen(ec2_credentials.get(at.cloud, external_id))

    def delete(self, at: At, external_id: str) -> None:
        ec2_credentials.delete(at.cloud, external_id)

    def list_own(self, cloud: Connection) -> list[Seen] | None:
        try:
            return [_seen(one) for one in ec2_credentials.list_own(cloud)]
        except (errors.Forbidden, errors.NotFound):
            return None  # a policy under which only the cloud's operator has any

    def refused(self, at: At, error: CloudError) -> Failed | None:
        if not isinstance(error, errors.Forbidden):
            return None
        said = _("%(place)s lets only its operator make EC2 keys: create_credential in the policy of its Keystone.")
        return Failed(said % {"place": at.place}, error.detail, "not_offered")


def access_key(mark: str) -> str:
    """Return an operation's access key: letters and figures, which is all that every tool takes."""
    return mark.replace("-", "").upper()


def _seen(one: Ec2Credential) -> Seen:
    columns = {"user_id": one.user_id, "access_key": one.access[:128]}
    name = one.blob.label or one.access or one.external_id[:8]
    return Seen(Ec2Type.key, one.external_id, one.project_id, name, columns)
