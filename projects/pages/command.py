"""What a page shows, as a command: the command is never far."""

import shlex
from collections.abc import Mapping, Sequence

from projects.models import Tenant


def command_line(tenant: Tenant, command: str, options: Mapping[str, Sequence[str]] | None = None) -> str:
    """`openstack --os-cloud atlas-north server list --status ACTIVE`: the names that clouds.yaml has for tenants."""
    words = ["openstack", "--os-cloud", f"{tenant.project.slug}-{tenant.location.name}", command]
    for option, values in (options or {}).items():
        words.extend(f"{option} {shlex.quote(value)}" for value in values)
    return " ".join(words)
