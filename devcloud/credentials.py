"""Password logins for people and tests: shell exports and clouds.yaml. Standard library only."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from devcloud import cast
from devcloud.layout import Location
from devcloud.trouble import Trouble


def projects_of(user: str, location: Location) -> list[str]:
    """Return the projects of a local user in a location, the default one first."""
    administered = [cast.ADMIN] if user == cast.ADMIN else []
    return administered + [project for project in cast.PROJECTS[location.name] if project in cast.LOCAL_ROLES[user]]


def exports(location: Location, user: str, project: str | None) -> str:
    """Return lines for a shell's `eval`."""
    if user not in cast.LOCAL_ROLES:
        raise Trouble(f"there is no user {user}; there are {', '.join(cast.LOCAL_ROLES)}")
    projects = projects_of(user, location)
    if project and project not in projects:
        raise Trouble(f"{user} has no role on {project} in {location.name}")
    settings = {
        "OS_AUTH_TYPE": "password",
        "OS_AUTH_URL": location.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": location.name,
        "OS_INTERFACE": "public",
        "OS_USERNAME": user,
        "OS_PASSWORD": cast.PASSWORD,
        "OS_USER_DOMAIN_ID": "default",
    }
    lines = ["unset OS_CLOUD OS_PROJECT_ID OS_PROJECT_NAME OS_PROJECT_DOMAIN_ID OS_ACCESS_TOKEN"]
    if project or projects:
        settings |= {"OS_PROJECT_NAME": project or projects[0], "OS_PROJECT_DOMAIN_ID": "default"}
    lines += [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    return "\n".join(lines)


def entries(location: Location) -> Iterator[tuple[str, str, str]]:
    """Yield name in clouds.yaml, user, project: `north-admin` for the cloud's administrator, `north-atlas-member` …"""
    for user in cast.LOCAL_ROLES:
        for project in projects_of(user, location):
            name = f"{location.name}-{user}" if project == cast.ADMIN else f"{location.name}-{project}-{user}"
            yield name, user, project


def write_clouds_yaml(file: Path, locations: list[Location]) -> None:
    """Write one file for all locations, for openstacksdk and `openstack --os-cloud`."""
    lines = ["clouds:"]
    for location in locations:
        for name, user, project in entries(location):
            lines += [
                f"  {name}:",
                f"    region_name: {location.name}",
                "    identity_api_version: 3",
                "    auth:",
                f"      auth_url: {location.auth_url}",
                f"      username: {user}",
                f"      password: {cast.PASSWORD}",
                f"      project_name: {project}",
                "      user_domain_id: default",
                "      project_domain_id: default",
            ]
    new = file.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n")
    new.replace(file)
