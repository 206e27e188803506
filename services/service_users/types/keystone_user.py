"""A user of Keystone that belongs to nobody: made by the account that the location's operator gave, in its domain.

Who asks for one gives roles of their own on, in this project only. Which these are is asked right then, by a login that
is made anew: the provider's word on their groups, and the cloud's on what these may.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clouds import errors
from clouds.errors import CloudError
from clouds.openstack import identity, users
from clouds.openstack.services import Service
from clouds.openstack.session import Connection
from clouds.openstack.users import User
from projects.models import Tenant
from projects.outcomes import Failed
from services.openstack import tokens
from services.service_users import accounts
from services.service_users.models import ServiceUser, mark_in
from services.service_users.types.base import At, Seen, ServiceUserType, Wanted


class KeystoneUserType(ServiceUserType):
    """A name is given once in a domain: the name, with its mark, finds the user, and no second is made.

    It is made in two steps, the user and then the roles: between them it may nothing. Only users whose name has a mark
    are ever touched.
    """

    key = ServiceUser.Kind.KEYSTONE_USER.value
    position = 30
    label = gettext_lazy("Keystone user")
    bounded = False
    of_person = False
    narrows = False

    def text(self, tenant: Tenant) -> str:
        said = _("Belongs to nobody. Goes on when you leave %(project)s; its admins can end it too.")
        return said % {"project": tenant.project.name}

    def not_offered(self, tenant: Tenant) -> str:
        place = {"place": tenant.location.name}
        if not tenant.location.account_name:
            said = _("Not offered in %(place)s: its operator has given Meshdeck no account for it.")
            return said % place
        if tenant.domain_id != tenant.location.account_domain:
            return _("Meshdeck's account in %(place)s is for projects of another domain") % place
        return ""

    def create(self, at: At, wanted: Wanted) -> Seen:
        if at.login is None:
            raise TypeError("nobody asks for it")
        # Asked anew: the account would give on what was taken away since the person's token was made.
        ids = tokens.as_person_now(at.tenant, at.login, identity.roles_now)
        roles = list(wanted.roles) or sorted(ids)
        if lost := sorted(set(roles) - set(ids)):
            said = _("You do not have the role %(roles)s any more, so you can't give it on. Nothing was made.")
            raise errors.Forbidden(said % {"roles": ", ".join(lost)}, service=Service.IDENTITY)
        tenant = at.tenant
        asked = users.Wanted(
            wanted.name, wanted.secret, tenant.location.account_domain, tenant.external_id, wanted.description
        )
        with _account(tenant, at.request_id) as cloud:
            made = users.create(cloud, asked)
            for role in roles:
                users.grant(cloud, made.external_id, tenant.external_id, ids[role])
        return _seen(made, roles=roles, user_id=at.cloud.state.user_id)

    def find(self, at: At, name: str) -> list[Seen]:
        with _account(at.tenant, at.request_id) as cloud:
            return [_seen(one) for one in users.find(cloud, at.tenant.location.account_domain, name)]

    def get(self, at: At, external_id: str) -> Seen:
        with _account(at.tenant, at.request_id) as cloud:
            return _seen(_there(cloud, at.tenant, external_id))

    def delete(self, at: At, external_id: str) -> None:
        with _account(at.tenant, at.request_id) as cloud:
            _there(cloud, at.tenant, external_id)
            users.delete(cloud, external_id)

    def gone(self, tenant: Tenant, rows: Iterable[ServiceUser]) -> list[ServiceUser]:
        with _account(tenant) as cloud:
            told = {row: users.find(cloud, tenant.location.account_domain, row.name) for row in rows}
        return [row for row, found in told.items() if row.external_id not in [user.external_id for user in found]]

    def refused(self, at: At, error: CloudError) -> Failed | None:
        if isinstance(error, errors.AccountUnfit):
            return Failed(error.reason, error.detail, error.code)
        return Failed(error.reason, code="role_missing") if isinstance(error, errors.Forbidden) else None


@contextmanager
def _account(tenant: Tenant, request_id: str | None = None) -> Iterator[Connection]:
    """Open a connection as the location's account.

    AccountUnfit too where it is of another domain now: there it would find nobody.
    """
    if tenant.domain_id != tenant.location.account_domain:
        said = _("The account that Meshdeck has in %(place)s is for another domain now. Its operator can mend that.")
        raise errors.AccountUnfit(said % {"place": tenant.location.name})
    with accounts.opened(tenant.location, request_id) as cloud:
        yield cloud


def _there(cloud: Connection, tenant: Tenant, external_id: str) -> User:
    """Return the user, if it is one that Meshdeck made; NotFound for everybody else of the domain, people among them.

    By the name that it has in the register: of an id that it does not know Keystone says 403 to an account, as of what
    it refuses. Without a row it was found by its mark just now.
    """
    domain = tenant.location.account_domain
    row = ServiceUser.objects.filter(tenant=tenant, external_id=external_id).first()
    found = users.find(cloud, domain, row.name) if row else [users.get(cloud, external_id)]
    for user in found:
        if user.external_id == external_id and mark_in(user.name):
            return user
    raise errors.NotFound("Identity knows no such service user.", service=Service.IDENTITY)


def _seen(one: User, **columns: object) -> Seen:
    told = {"description": one.description, **columns}
    return Seen(KeystoneUserType.key, one.external_id, one.default_project_id, one.name, told)
