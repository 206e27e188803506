"""The account that a location's operator may have given: whether there is one, and a connection as it.

What it is called lies with the location, its password in the environment of the workers (MESHDECK_ACCOUNT_PASSWORDS)
and nowhere else. It is used for one thing: users for machines, in its own domain (types/keystone_user.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

from clouds import errors
from clouds.openstack import account
from clouds.openstack.account import Account
from clouds.openstack.session import Connection
from projects.models import Location
from services.openstack.locations import endpoints_of, federation_of


@contextmanager
def opened(location: Location, request_id: str | None = None) -> Iterator[Connection]:
    """Open a connection as the location's account, for one step. AccountUnfit, and other CloudErrors as they come.

    `request_id` is that of the operation for which it is, where there is one: the cloud's logs then say for whom.
    """
    password = settings.ACCOUNT_PASSWORDS.get(location.name, "")
    place = {"place": location.name}
    if not location.account_name:
        raise errors.AccountUnfit(_("The operator of %(place)s has given Meshdeck no account for it.") % place)
    if not password:
        said = _("Meshdeck's workers lack the password of its account at %(place)s. Its operator can mend that.")
        raise errors.AccountUnfit(said % place)
    known = Account(location.account_name, location.account_domain, password)
    try:
        with account.open_as(federation_of(location), known, endpoints_of(location), request_id=request_id) as cloud:
            yield cloud
    except (errors.Unauthorized, errors.Forbidden) as error:
        said = _("%(place)s refuses this to the account that Meshdeck has there. Its operator can mend that.")
        raise errors.AccountUnfit(
            said % place,
            service=error.service,
            status=error.status,
            request_id=error.request_id,
            url=error.url,
            detail=error.detail,
        ) from None
