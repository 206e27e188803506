"""The seeded clouds' projects, people and roles. Standard library only."""

from __future__ import annotations

import hashlib

# The password of everyone in the cast and of the cloud's administrator: these clouds listen on 127.0.0.1 only.
PASSWORD = "demo"
# The password of the service users of Nova, Neutron … in Keystone.
SERVICE_PASSWORD = "service"

ADMIN = "admin"  # the local administrator, and the name of the project it administers from

PROJECTS = {"north": ("atlas", "borealis"), "south": ("atlas",)}
DESCRIPTIONS = {"atlas": "Shop backend, staging and production", "borealis": "Weather model runs"}

# Local (password) twins of the identity provider's people: local user -> project -> role. They are for the
# openstack command line and for tests; the portal only knows the federated ones.
LOCAL_ROLES = {
    "admin": {"atlas": "manager", "borealis": "manager"},
    "member": {"atlas": "member", "borealis": "member"},
    "reader": {"atlas": "reader"},
    "stranger": {},
}

# The subjects that the built-in identity provider assigns to its people: sequential numbers, in creation order. For
# what a person is given before the first login.
SUBJECTS = {"member": "2"}

# The group <project>-<suffix> of the token gives this role on <project>. `manager` and not `admin`: on any project
# Keystone's `admin` administers the whole cloud. `manager` stays inside its project and implies `member`.
GROUP_ROLES = {"admin": "manager", "member": "member", "reader": "reader"}

# The account that this cloud's operator gives the portal for service users: it manages the projects' domain and nothing
# else of the cloud. The other cloud has none.
ACCOUNT = "meshdeck-service-users"
ACCOUNT_PASSWORD = "demo-account"
ACCOUNT_LOCATIONS = ("north",)

IDENTITY_PROVIDER = "meshdeck"
PROTOCOL = "openid"
AUDIENCE = "openstack"
# The public client of the identity provider with which Keystone logs browsers in.
BROWSER_CLIENT = "keystone"
DEFAULT_ISSUER = "http://127.0.0.1:8001"
# How long Keystone remembers a federated user's groups after a login, in minutes. Application credentials work for
# as long; a lost group is forgotten earlier, at the next login.
AUTHORIZATION_TTL = 24 * 60


def federated_id(domain: str, subject: str) -> str:
    """Return the id that Keystone assigns to a person at the first login (keystone.identity.id_generators.sha256).

    Don't create people in Keystone before: users that it knew earlier never get memberships that expire.
    """
    return hashlib.sha256(f"{domain}user{subject}".encode()).hexdigest()
