"""Keystone: the catalog, service users, projects, people, and the federation with the identity provider."""

from __future__ import annotations

import json

from devcloud import cast
from devcloud.layout import SERVICES, Location
from devcloud.seed.api import Api

# Catalog name, type, the service that answers, path. Cinder's clients look for either of its types.
CATALOG = (
    ("keystone", "identity", "keystone", "/v3"),
    ("glance", "image", "glance", ""),
    ("placement", "placement", "placement", ""),
    ("nova", "compute", "nova", "/v2.1"),
    ("neutron", "network", "neutron", ""),
    ("cinder", "block-storage", "cinder", "/v3"),
    ("cinderv3", "volumev3", "cinder", "/v3/%(project_id)s"),
    ("swift", "object-store", "swift", "/v1/AUTH_%(project_id)s"),
)
DOMAIN = "default"


def fill_catalog(api: Api, location: Location) -> None:
    """Create region, endpoints and service users: what the other services need to start."""
    api.post("keystone", "/regions", {"region": {"id": location.name}})
    roles = role_ids(api)
    project = api.post("keystone", "/projects", {"project": {"name": "service", "domain_id": DOMAIN}})["project"]["id"]
    for name in SERVICES:
        if name == "keystone":
            continue
        user = create_user(api, name, cast.SERVICE_PASSWORD)
        for role in ("admin", "service"):
            api.put("keystone", f"/projects/{project}/users/{user}/roles/{roles[role]}")
    for name, kind, service, path in CATALOG:
        entry = api.post("keystone", "/services", {"service": {"name": name, "type": kind}})["service"]["id"]
        for interface in ("public", "internal", "admin"):
            endpoint = {
                "service_id": entry,
                "interface": interface,
                "region_id": location.name,
                "url": location.url(service) + path,
            }
            api.post("keystone", "/endpoints", {"endpoint": endpoint})
    location.catalog_mark.touch()


def fill_projects(api: Api, location: Location) -> dict[str, str]:
    """Create the cast's projects with their groups and local users; return the projects' ids by name."""
    roles = role_ids(api)
    projects = {}
    users = {name: create_user(api, name, cast.PASSWORD) for name in cast.LOCAL_ROLES if name != cast.ADMIN}
    users[cast.ADMIN] = api.get("keystone", f"/users?name={cast.ADMIN}")["users"][0]["id"]
    for name in cast.PROJECTS[location.name]:
        body = {"name": name, "domain_id": DOMAIN, "description": cast.DESCRIPTIONS[name]}
        project = projects[name] = api.post("keystone", "/projects", {"project": body})["project"]["id"]
        for suffix, role in cast.GROUP_ROLES.items():
            body = {"name": f"{name}-{suffix}", "domain_id": DOMAIN}
            group = api.post("keystone", "/groups", {"group": body})["group"]["id"]
            api.put("keystone", f"/projects/{project}/groups/{group}/roles/{roles[role]}")
        for user, local_roles in cast.LOCAL_ROLES.items():
            if name in local_roles:
                api.put("keystone", f"/projects/{project}/users/{users[user]}/roles/{roles[local_roles[name]]}")
    return projects


def add_account(api: Api, location: Location) -> None:
    """Create the portal's own account, if the operator gives it one."""
    if location.name in cast.ACCOUNT_LOCATIONS:
        user = create_user(api, cast.ACCOUNT, cast.ACCOUNT_PASSWORD)
        api.put("keystone", f"/domains/{DOMAIN}/users/{user}/roles/{role_ids(api)['manager']}")


def federate(api: Api, location: Location) -> str:
    """Trust the issuers for identities and the groups claim for roles; return the people's domain."""
    domain = api.post("keystone", "/domains", {"domain": {"name": cast.IDENTITY_PROVIDER}})["domain"]["id"]
    provider = {
        "domain_id": domain,
        "enabled": True,
        # Before the first login: users created earlier never get memberships that expire.
        "authorization_ttl": cast.AUTHORIZATION_TTL,
        "remote_ids": json.loads(location.issuers_file.read_text()),
    }
    # `id` keeps a person the same when the name changes. The list of groups is filtered by pattern, because Keystone
    # answers 401 to a user with a group that it does not know and that has "name" in its name.
    rule = {
        "remote": [
            {"type": "HTTP_OIDC_SUB"},
            {"type": "HTTP_OIDC_PREFERRED_USERNAME"},
            {"type": "HTTP_OIDC_EMAIL"},
            {
                "type": "HTTP_OIDC_GROUPS",
                "whitelist": [rf"^(?!.*name)[a-z0-9-]+-({'|'.join(cast.GROUP_ROLES)})$"],
                "regex": True,
            },
        ],
        "local": [
            {"user": {"id": "{0}", "name": "{1}", "email": "{2}"}},
            {"groups": "{3}", "domain": {"id": DOMAIN}},
        ],
    }
    base = "/OS-FEDERATION"
    path = f"{base}/identity_providers/{cast.IDENTITY_PROVIDER}"
    api.put("keystone", path, {"identity_provider": provider})
    api.put("keystone", f"{base}/mappings/{cast.IDENTITY_PROVIDER}", {"mapping": {"rules": [rule]}})
    protocol = {"protocol": {"mapping_id": cast.IDENTITY_PROVIDER}}
    api.put("keystone", f"{path}/protocols/{cast.PROTOCOL}", protocol)
    return domain


def role_ids(api: Api) -> dict[str, str]:
    return {role["name"]: role["id"] for role in api.get("keystone", "/roles")["roles"]}


def create_user(api: Api, name: str, password: str) -> str:
    body = {"name": name, "password": password, "domain_id": DOMAIN, "email": f"{name}@example.org"}
    return api.post("keystone", "/users", {"user": body})["user"]["id"]
