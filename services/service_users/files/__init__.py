"""The files that a service user's secret is handed over in. One choice is one whole file: the secret is in each."""

from collections.abc import Sequence

from services.service_users.files import openstack, s3
from services.service_users.files.base import File, FileKind
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser


def of_kind(kind: str) -> Sequence[FileKind]:
    """Return those of a type of service user, the usual one first."""
    return s3.ALL if kind == ServiceUser.Kind.EC2 else openstack.ALL


def named(kind: str, key: str) -> FileKind | None:
    """Return one of them by its key; None when this type of service user has none of that name."""
    return next((one for one in of_kind(kind) if one.key == key), None)


def files_of(credential: Credential) -> dict[str, File]:
    """Every file, by its key."""
    return {one.key: one.file(credential) for one in of_kind(credential.row.kind)}
