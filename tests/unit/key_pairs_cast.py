"""What the tests of key pairs begin with: nova's key pairs, and workers' turns."""

from typing import Any

import requests_mock
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Operation, Role
from projects.operations import asking, claims, turn
from tests.unit import projects_fixtures as rows
from tests.unit.clouds_fake import NOVA, FakeCloud
from tests.unit.deaths import Mortal

PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n7YpV0FvWq0nqgQ1hS0Q2f3o6e0o0Zt5mYy3h0a1b zoe@laptop"


class Keys(Mortal):
    """Nova's key pairs; `done` lists what was done to them."""

    def __init__(self, mock: requests_mock.Mocker) -> None:
        self.there: dict[str, str] = {}
        self.done: list[str] = []
        cloud = FakeCloud(mock)
        self.cloud = cloud
        for name in ("desk",):
            mock.get(f"{NOVA}/os-keypairs/{name}", json=self._get)
            mock.delete(f"{NOVA}/os-keypairs/{name}", text=self._delete)
        mock.post(f"{NOVA}/os-keypairs", json=self._import)
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def _sent(self, request: Any) -> bool:
        if request.url.startswith(NOVA):
            self._comes(request)
        return False

    def _pair(self, name: str) -> dict[str, Any]:
        pair = {"name": name, "public_key": self.there[name], "fingerprint": f"of {self.there[name][-4:]}"}
        return {"keypair": {**pair, "type": "ssh", "user_id": "user-1"}}

    def _get(self, request: Any, context: Any) -> Any:
        name = request.path.rpartition("/")[2]
        if name in self.there:
            return self._goes(self._pair(name))
        context.status_code = 404
        return self._goes({"itemNotFound": {"code": 404, "message": "Keypair not found"}})

    def _import(self, request: Any, context: Any) -> Any:
        wanted = request.json()["keypair"]
        if wanted["name"] in self.there:
            context.status_code = 409
            return self._goes({"conflictingRequest": {"code": 409, "message": "Key pair already exists."}})
        self.there[wanted["name"]] = wanted["public_key"]
        self.done.append("import")
        context.status_code = 201
        return self._goes(self._pair(wanted["name"]))

    def _delete(self, request: Any, context: Any) -> str:
        name = request.path.rpartition("/")[2]
        context.status_code = 204 if self.there.pop(name, "") else 404
        if context.status_code == 204:
            self.done.append("delete")
        return str(self._goes(""))


def ask(visit: Visit, verb: str, /, **params: Any) -> Operation:
    action = ACTIONS[verb]
    return asking.ask(visit, visit.user.grants.get().pk, action, action.params.model_validate(params))


def go(operation: Operation) -> Operation:
    """Return what workers do, without the waiting; one that dies is followed by another."""
    for _ in range(20):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        if turn.turn(operation.pk) is None:
            break
    operation.refresh_from_db()
    return operation


def taken_over(operation: Operation) -> Operation:
    """Do the same for a worker that comes when the claim of one that died has ended."""
    Operation.objects.filter(pk=operation.pk).update(claimed_at=timezone.now() - claims.LEASE * 2)
    return Operation.objects.get(pk=operation.pk)


def member_of(keys: Keys) -> Visit:
    """Return a member of the cloud's one tenant, logged in."""
    tenant = rows.make_tenant(rows.make_location(cloud=keys.cloud))
    user = rows.make_user()
    rows.make_member(user, tenant, cloud_user_id="user-1")
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def everything_stored(redis: Any) -> bytes:
    """All rows of all tables, and all of Redis."""
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found += repr(cursor.fetchall()).encode()
    for session in Session.objects.all():  # packed, in its table
        found += repr(session.get_decoded()).encode()
    for key in redis.scan_iter():
        found += redis.dump(key)
    return found
