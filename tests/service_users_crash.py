"""A worker that dies with the secret of a service user in its hands, of whatever kind and in whatever cloud."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects.models import Operation
from projects.operations import claims, turn
from services.service_users import envelope
from services.service_users.models import ServiceUser

# The first line that does not run any more, and whose it is: sealing the secret, and writing the row afterwards.
LINES: dict[str, Any] = {"put": envelope, "update_or_create": type(ServiceUser.objects)}


def die_with_the_secret(operation: Operation, line: str = "put") -> None:
    """Return a worker makes it in the cloud and is killed before this line of LINES; its claim has ended."""

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LINES[line], line, die)
        with pytest.raises(SystemExit):
            turn.turn(operation.pk)
    ended = timezone.now() - claims.LEASE - timedelta(seconds=1)
    Operation.objects.filter(pk=operation.pk).update(claimed_at=ended)


def until_ready(operation: Operation) -> ServiceUser:
    """Workers' turns until the secret waits for the browser."""
    for _ in range(20):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        turn.turn(operation.pk)
        row = ServiceUser.objects.filter(operation=operation).first()
        if row is not None and row.is_ready():
            return row
    operation.refresh_from_db()
    pytest.fail(f"{operation.state} {operation.reason} {operation.detail} {operation.note}")
