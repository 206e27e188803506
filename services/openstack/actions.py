"""What the actions of OpenStack's wings work with."""

from typing import TypeAlias

from clouds.openstack.session import Connection
from projects.operations import run

# One turn of an operation, entered into an OpenStack as the person who asked.
Run: TypeAlias = run.Run[Connection]
