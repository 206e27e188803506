"""swift.conf and one file for each of the four servers."""

from __future__ import annotations

import getpass

from devcloud.cast import SERVICE_PASSWORD
from devcloud.layout import Location

BACKEND_SERVERS = ("account", "container", "object")
PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging listing_formats bulk tempurl formpost authtoken s3api s3token"
    " names keystoneauth copy container-quotas account-quotas slo dlo versioned_writes symlink proxy-logging"
    " proxy-server"
)
FILTERS = {
    "catch_errors": "catch_errors",
    "gatekeeper": "gatekeeper",
    "healthcheck": "healthcheck",
    "proxy-logging": "proxy_logging",
    "listing_formats": "listing_formats",
    "bulk": "bulk",
    "tempurl": "tempurl",
    "formpost": "formpost",
    "copy": "copy",
    "container-quotas": "container_quotas",
    "account-quotas": "account_quotas",
    "slo": "slo",
    "dlo": "dlo",
    "symlink": "symlink",
}


def backend_port(location: Location, kind: str) -> int:
    return location.port("swift") + 1 + BACKEND_SERVERS.index(kind)


def files(location: Location) -> dict[str, str]:
    files = {f"{kind}-server.conf": _backend(location, kind) for kind in BACKEND_SERVERS}
    files["proxy-server.conf"] = _proxy(location)
    files["swift.conf"] = """
[swift-hash]
swift_hash_path_suffix = devcloud
swift_hash_path_prefix = devcloud
[storage-policy:0]
name = default
default = yes
"""
    return files


def _default(location: Location, port: int) -> str:
    return f"""
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {location.etc}/swift
user = {getpass.getuser()}
workers = 0
log_level = WARNING
"""


def _backend(location: Location, kind: str) -> str:
    # mount_check: the "disk" is a plain folder.  fallocate: no space is set aside for objects of a few bytes.
    return (
        _default(location, backend_port(location, kind))
        + f"""
devices = {location.data}/swift
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
allow_versions = true
[container-updater]
recon_cache_path = {location.run}
account_suppression_time = 0
"""
    )


def _proxy(location: Location) -> str:
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{entry}\n" for name, entry in FILTERS.items())
    return (
        _default(location, location.port("swift"))
        + f"""
[pipeline:main]
pipeline = {PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
# There is one server of each kind: to leave it alone for a minute after errors would be to refuse everybody.
error_suppression_limit = 1000000
error_suppression_interval = 1
conn_timeout = 5
node_timeout = 30
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
auth_type = password
auth_url = {location.auth_url}
www_authenticate_uri = {location.auth_url}
username = swift
password = {SERVICE_PASSWORD}
project_name = service
user_domain_id = default
project_domain_id = default
delay_auth_decision = true
service_type = object-store
service_token_roles_required = true
service_token_roles = service
[filter:names]
paste.filter_factory = devcloud.patches.names:filter_factory
[filter:s3api]
use = egg:swift#s3api
[filter:s3token]
use = egg:swift#s3token
auth_uri = {location.auth_url}
auth_type = password
auth_url = {location.auth_url}
username = swift
password = {SERVICE_PASSWORD}
project_name = service
user_domain_id = default
project_domain_id = default
delay_auth_decision = true
secret_cache_duration = 0
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
project_reader_roles = reader
reseller_prefix = AUTH
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
"""
        + filters
    )
