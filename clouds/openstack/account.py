"""A service account from a cloud's operator: a user with a password who may manage one domain and has no project.

Source: docs.openstack.org/api-ref/identity/v3, "Password authentication with scoped authorization".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from clouds.openstack.http import Http
from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation, connect, state_of


@dataclass(frozen=True, slots=True)
class Account:
    """The account's login. `domain_id` is the domain it lives in and manages; the password is left out of `repr`."""

    name: str
    domain_id: str
    password: str = field(repr=False)


def log_in(federation: Federation, account: Account, *, request_id: str | None = None) -> AuthState:
    """Request a token scoped to the account's domain. One request, which is never logged.

    Unauthorized: the name, domain or password is wrong, or the account has no role in the domain (Keystone answers 401
    to all of these).
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
    """Open a connection as the account. Only Keystone is useful to it. Raises what `log_in` raises."""
    return connect(federation, log_in(federation, account, request_id=request_id), endpoints, request_id=request_id)
