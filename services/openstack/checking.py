"""The whole chain to an OpenStack location's services, for its operator."""

from collections.abc import Iterator
from itertools import chain

from django.conf import settings

from clouds.errors import CloudError
from clouds.openstack import account
from clouds.openstack import check as cloud
from clouds.openstack.account import Account
from projects.models import Location
from projects.platforms import Found, Link
from services.openstack.locations import federation_of


def check(location: Location, access_token: str | None) -> Iterator[Link]:
    """Walk from Keystone's address to each service, and see whether Meshdeck's own account gets in."""
    steps = cloud.check(federation_of(location), access_token)
    return chain(map(_link, steps), _account(location))


def _link(step: cloud.Step) -> Link:
    name = f"{step.name} {step.service}" if step.service else str(step.name)
    return Link(name, Found(step.outcome.value), step.found, step.mend, step.error)


def _account(location: Location) -> Iterator[Link]:
    """Whether Meshdeck's own account gets in, where there is one and its password is here: workers have it."""
    if not location.account_name:
        return
    known = Account(location.account_name, location.account_domain, settings.ACCOUNT_PASSWORDS.get(location.name, ""))
    where = f"{known.name} in domain {known.domain_id}"
    if not known.password:
        yield Link("account", Found.SKIPPED, f"{where}: MESHDECK_ACCOUNT_PASSWORDS is the workers' alone.")
        return
    try:
        state = account.log_in(federation_of(location), known)
    except CloudError as error:
        mend = "Its name, the id of its domain, its password, and a role in that domain (docs/operators.md)."
        yield Link("account", Found.FAILED, f"{where}: {error.reason}", mend, error)
    else:
        yield Link("account", Found.OK, f"{where}, as {', '.join(state.roles) or 'nothing'}.")
