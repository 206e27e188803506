"""The people of the demo and the tests. Seeded only if MESHDECK_IDP_DEMO is on: they share one known password."""

from dataclasses import dataclass

PASSWORD = "demo"  # noqa: S105 - known to everyone, on purpose


@dataclass(frozen=True)
class Person:
    """One user of the demo; `groups` are `<project>-<role>`, which Keystone's mapping turns into roles."""

    username: str
    name: str
    groups: tuple[str, ...]

    @property
    def email(self) -> str:
        """An address in a domain that is reserved for examples (RFC 2606)."""
        return f"{self.username}@example.org"


CAST = (
    Person("admin", "Ada Admin", ("atlas-admin", "borealis-admin", "meshdeck-operators")),
    Person("member", "Max Member", ("atlas-member", "borealis-member")),
    Person("reader", "Rhea Reader", ("atlas-reader",)),
    Person("stranger", "Stella Stranger", ()),
)
