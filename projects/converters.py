"""How addresses name things: a tenant is written `atlas@north`, as everywhere."""

from typing import NamedTuple


class Handle(NamedTuple):
    """A project's slug and a location's name."""

    project: str
    location: str

    def __str__(self) -> str:
        return f"{self.project}@{self.location}"


class HandleConverter:
    """`<handle:handle>` in a path gives a Handle; a Handle or "atlas@north" makes the path."""

    regex = r"[-a-zA-Z0-9_]+@[-a-zA-Z0-9_]+"

    def to_python(self, value: str) -> Handle:
        project, _, location = value.partition("@")
        return Handle(project, location)

    def to_url(self, value: Handle | str) -> str:
        return str(value)
