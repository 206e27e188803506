"""Sections that several services share."""

from __future__ import annotations

from devcloud.cast import SERVICE_PASSWORD
from devcloud.layout import Location


def default(location: Location, service: str, extra: str = "") -> str:
    # transport_url: the API and its workers share a process, so messages need not leave it.
    # executor_thread_pool_size: the default of 64 threads costs memory and SQLite gains nothing from it.
    return f"""
[DEFAULT]
debug = false
use_stderr = false
log_file = {location.log}/{service}.log
log_rotation_type = size
max_logfile_size_mb = 10
max_logfile_count = 1
transport_url = fake://
state_path = {location.data}/{service}
host = devcloud
executor_thread_pool_size = 16
{extra}
[oslo_concurrency]
lock_path = {location.data}/lock
[oslo_messaging_notifications]
driver = noop
[oslo_policy]
enforce_scope = true
"""


def database(location: Location, name: str, section: str = "database") -> str:
    return f"""
[{section}]
connection = sqlite:///{location.data}/db/{name}.db
sqlite_synchronous = false
"""


def credentials(location: Location, user: str, section: str, extra: str = "") -> str:
    """Return the section with which a service logs in to Keystone."""
    return f"""
[{section}]
auth_type = password
auth_url = {location.auth_url}
username = {user}
password = {SERVICE_PASSWORD}
project_name = service
user_domain_id = default
project_domain_id = default
region_name = {location.name}
{extra}
"""


# By the name in the catalog: a service must know its own to accept tokens of restricted application credentials.
_SERVICE_TYPES = {"nova": "compute", "cinder": "block-storage", "neutron": "network", "glance": "image"}


def token_check(location: Location, user: str) -> str:
    """Return the section with which a service asks Keystone whether a caller's token is valid."""
    kind = _SERVICE_TYPES.get(user)
    return credentials(
        location,
        user,
        "keystone_authtoken",
        f"""www_authenticate_uri = {location.auth_url}
service_token_roles = service
service_token_roles_required = true
token_cache_time = 300
{f"service_type = {kind}" if kind else ""}
""",
    )


def service_token(location: Location, user: str) -> str:
    """Send a service's token beside the user's: without it Cinder refuses Nova's attachment calls."""
    return credentials(location, user, "service_user", "send_service_user_token = true")
