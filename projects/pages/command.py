"""What a page shows, as a command: the command is never far."""

import shlex
from collections.abc import Mapping, Sequence

from portal.ui.commands import INDENT
from projects import platforms
from projects.models import Tenant
from projects.outcomes import Command

WIDTH = 32


def command_line(tenant: Tenant, command: str, options: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a command as the platform's own client takes it; empty where it has none."""
    words = [*program(tenant), command]
    if not words[0]:
        return ""
    for option, values in (options or {}).items():
        words.extend(f"{option} {shlex.quote(value)}" for value in values)
    return " ".join(words)


def program(tenant: Tenant) -> Sequence[str]:
    """Return the words that begin each command for this tenant; one empty word where there is no client."""
    return platforms.of(tenant.location).program(tenant) or ("",)


def client(tenant: Tenant) -> str:
    """Return what the platform's client is called."""
    return program(tenant)[0]


def shell_lines(tenant: Tenant, commands: Sequence[Command]) -> str:
    """Commands of an action as lines for a shell, broken between their groups."""
    if not client(tenant):
        return ""
    return "\n".join(" \\\n".join(_lines(tenant, command)) for command in commands)


def _lines(tenant: Tenant, command: Command) -> list[str]:
    """Put groups of words together, as many on a line as fit into the sheet beside a form.

    Which cloud it is for belongs to the program; what is done begins a line.
    """
    lines = [" ".join(program(tenant))]
    for n, group in enumerate(command):
        part = shlex.join(group)
        if n and len(f"{lines[-1]} {part} \\") <= WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{INDENT}{part}")
    return lines
