"""What a page shows, as a command: the command is never far."""

import shlex
from collections.abc import Mapping, Sequence

from projects.actions.base import Command
from projects.models import Tenant


def command_line(tenant: Tenant, command: str, options: Mapping[str, Sequence[str]] | None = None) -> str:
    """`openstack --os-cloud atlas-north server list --status ACTIVE`: the names that clouds.yaml has for tenants."""
    words = ["openstack", "--os-cloud", f"{tenant.project.slug}-{tenant.location.name}", command]
    for option, values in (options or {}).items():
        words.extend(f"{option} {shlex.quote(value)}" for value in values)
    return " ".join(words)


def shell_lines(tenant: Tenant, commands: Sequence[Command]) -> str:
    """Commands of an action as lines for a shell, broken at options: `openstack --os-cloud … volume create \\`."""
    start = ["openstack", "--os-cloud", f"{tenant.project.slug}-{tenant.location.name}"]
    return "\n".join(
        " \\\n  ".join(shlex.join(part) for part in [[*start, *command[0]], *command[1:]]) for command in commands
    )
