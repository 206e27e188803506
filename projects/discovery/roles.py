"""What a cloud's role names let a person do here."""

from collections.abc import Iterable

from projects.models import Role

_MEANING = {
    "admin": Role.ADMIN,
    "manager": Role.ADMIN,
    "member": Role.MEMBER,
    "_member_": Role.MEMBER,  # Keystone's default until Queens
    "reader": Role.READER,
    # Cloud Foundry's; who manages an organization manages its spaces.
    "organization_manager": Role.ADMIN,
    "space_manager": Role.ADMIN,
    "space_developer": Role.MEMBER,
}
_WEAKEST_FIRST = [Role.READER, Role.MEMBER, Role.ADMIN]


def strongest(cloud_roles: Iterable[str]) -> Role:
    """Return the role that a person with these cloud roles has. A role that we don't know lets one look, no more.

    The cloud's own policy decides each call; this is only about what is offered.
    """
    meanings = [_MEANING.get(name.lower(), Role.READER) for name in cloud_roles]
    return max(meanings, key=_WEAKEST_FIRST.index, default=Role.READER)
