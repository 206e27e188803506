"""What a page shows, as a command: the command is never far."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.ui import commands
from portal.ui.commands import Command
from projects import platforms
from projects.actions.base import Action, Params
from projects.models import Tenant
from projects.operations.calling import called


def command_line(tenant: Tenant, command: Command | None) -> str:
    """Return a command as the platform's own client takes it; empty where it has none."""
    words = program(tenant)
    return commands.line(words, command) if words and command else ""


def program(tenant: Tenant) -> Sequence[str]:
    """Return the words that begin each command for this tenant; none where there is no client."""
    return platforms.of(tenant.location).program(tenant)


def client(tenant: Tenant) -> str:
    """Return what the platform's client is called; empty where there is none."""
    return next(iter(program(tenant)), "")


def shell_lines(tenant: Tenant, asked: Iterable[Command]) -> str:
    """Return commands as lines for a shell; empty where there is no client."""
    words = program(tenant)
    return "\n".join(commands.lines(words, command) for command in asked) if words else ""


def commands_of(tenant: Tenant, action: Action[Any], *wanted: Params) -> list[Command]:
    """Return the commands that do what is asked of an action, one time after the other.

    All that is asked for shares one look at the names: as many as there are, it costs the same.
    """
    things = [thing for params in wanted for thing in (*action.things(params), *action.also_named(params))]
    names = called(tenant, things)
    return [command for params in wanted for command in action.commands(params, names)]


def commands_then(tenant: Tenant, action: Action[Any], params: Params, names: Mapping[str, str]) -> Sequence[Command]:
    """Return the commands of an operation, with the names that things had when it was asked for."""
    things = [*action.things(params), *action.also_named(params)]
    return action.commands(params, called(tenant, things, names))
