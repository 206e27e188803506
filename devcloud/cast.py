"""Who and what is in the seeded clouds: projects, people, roles. Standard library only."""

from __future__ import annotations

import hashlib

# Everyone's password, of the cast and of the cloud's administrator: these clouds answer on 127.0.0.1 only.
PASSWORD = "demo"
# The password of Nova's, Neutron's … own users in Keystone.
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

# The subjects that the built-in identity provider gives its people: their numbers, in the order in which it makes them.
# For what a person is given before the first login.
SUBJECTS = {"member": "2"}

# The group <project>-<suffix> of the token gives this role on <project>. `manager` and not `admin`: on any project
# Keystone's `admin` administers the whole cloud. `manager` stays inside its project and implies `member`.
GROUP_ROLES = {"admin": "manager", "member": "member", "reader": "reader"}

# The account that these clouds' operator gives the portal, for users of machines: it manages the projects' domain, and
# nothing of the cloud. In the other cloud there is none.
ACCOUNT = "meshdeck-service-users"
ACCOUNT_PASSWORD = "demo-account"
ACCOUNT_LOCATIONS = ("north",)

IDENTITY_PROVIDER = "meshdeck"
PROTOCOL = "openid"
AUDIENCE = "openstack"
# By which Keystone logs browsers in: a public client of the identity provider.
BROWSER_CLIENT = "keystone"
DEFAULT_ISSUER = "http://127.0.0.1:8001"
# How long Keystone remembers a federated user's groups after a login, in minutes. Application credentials work for
# as long; a lost group is forgotten earlier, at the next login.
AUTHORIZATION_TTL = 24 * 60


def federated_id(domain: str, subject: str) -> str:
    """The id that Keystone gives a person at the first login (keystone.identity.id_generators.sha256).

    Nobody is made in Keystone before: whom it knew earlier never gets memberships that expire.
    """
    return hashlib.sha256(f"{domain}user{subject}".encode()).hexdigest()
