"""An account that a cloud's operator gave: a user with a password who may manage one domain, and no project.

Source: docs.openstack.org/api-ref/identity/v3, "Password authentication with scoped authorization".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from clouds.openstack.http import Http
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation, connect, state_of


@dataclass(frozen=True, slots=True)
class Account:
    """Who it is. `domain_id` is the domain that it lives in and manages; the password stays out of `repr`."""

    name: str
    domain_id: str
    password: str = field(repr=False)


def log_in(federation: Federation, account: Account, *, request_id: str | None = None) -> AuthState:
    """A token for the account's domain. One request, of which nothing is logged.

    Unauthorized: name, domain or password are wrong, or it has no role in the domain (Keystone answers 401 to all).
    """
    user = {"name": account.name, "domain": {"id": account.domain_id}, "password": account.password}
    auth = {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"domain": {"id": account.domain_id}},
    }
    with Http(federation.ca_bundle, request_id) as http:
        url = f"{federation.auth_url.rstrip('/')}/auth/tokens"
        response = http.request(Service.IDENTITY, "POST", url, json={"auth": auth}, expect=(200, 201))
    return state_of(response)


def open_as(
    federation: Federation, account: Account, endpoints: Iterable[Endpoint], *, request_id: str | None = None
) -> Connection:
    """A connection as the account: of all services only Keystone is any use to it. As `log_in`."""
    return connect(federation, log_in(federation, account, request_id=request_id), endpoints, request_id=request_id)
