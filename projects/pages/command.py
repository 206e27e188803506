"""What a page shows, as a command: the command is never far."""

import shlex
from collections.abc import Mapping, Sequence

from portal.ui.commands import INDENT
from projects.models import Tenant
from projects.outcomes import Command

WIDTH = 32


def command_line(tenant: Tenant, command: str, options: Mapping[str, Sequence[str]] | None = None) -> str:
    """`openstack --os-cloud atlas-north server list --status ACTIVE`: the names that clouds.yaml has for tenants."""
    words = ["openstack", "--os-cloud", f"{tenant.project.slug}-{tenant.location.name}", command]
    for option, values in (options or {}).items():
        words.extend(f"{option} {shlex.quote(value)}" for value in values)
    return " ".join(words)


def shell_lines(tenant: Tenant, commands: Sequence[Command]) -> str:
    """Commands of an action as lines for a shell, broken between their groups: `openstack --os-cloud … \\`."""
    return "\n".join(" \\\n".join(_lines(tenant, command)) for command in commands)


def _lines(tenant: Tenant, command: Command) -> list[str]:
    """Groups of words stand together, as many of them on a line as fit into the sheet beside a form.

    Which cloud it is for belongs to the program; what is done begins a line.
    """
    lines = [f"openstack --os-cloud {tenant.project.slug}-{tenant.location.name}"]
    for n, group in enumerate(command):
        part = shlex.join(group)
        if n and len(f"{lines[-1]} {part} \\") <= WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{INDENT}{part}")
    return lines
