"""keystone.conf"""

from __future__ import annotations

import base64
import os

from devcloud.configuration import common
from devcloud.layout import ENVIRONMENT, Location


def files(location: Location) -> dict[str, str]:
    keys = location.data / "keystone"
    # fernet_receipts: has a key repository of its own setting, and Keystone does not start without one.
    # password_hash_rounds: bcrypt at full strength costs 0.3 s per login of a test.
    # ec2credential: without it nobody gets in by S3.
    # assertion_prefix: only what the middleware sets counts as told by the identity provider.
    # trusted_dashboard: where the openstack command listens for the browser that it has opened (v3websso).
    return {
        "keystone.conf": common.default(location, "keystone")
        + common.database(location, "keystone")
        + f"""
[token]
provider = fernet
expiration = 3600
[fernet_tokens]
key_repository = {keys}/fernet
[fernet_receipts]
key_repository = {keys}/fernet
[credential]
key_repository = {keys}/credential
[identity]
password_hash_rounds = 4
[auth]
methods = password,token,application_credential,ec2credential,openid,mapped
[openid]
remote_id_attribute = HTTP_OIDC_ISS
[federation]
assertion_prefix = HTTP_OIDC_
trusted_dashboard = http://localhost:9990/auth/websso/
sso_callback_template = {ENVIRONMENT}/etc/keystone/sso_callback_template.html
[cache]
enabled = true
backend = dogpile.cache.memory
"""
    }


def write_keys(location: Location) -> None:
    """Create keys for tokens and stored credentials, as `keystone-manage fernet_setup` does."""
    for folder in ("fernet", "credential"):
        keys = location.data / "keystone" / folder
        keys.mkdir(parents=True, mode=0o700)
        for number in range(2):
            key = keys / str(number)
            key.touch(mode=0o600)
            key.write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
