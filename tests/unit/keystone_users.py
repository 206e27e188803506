"""Keystone as far as an account makes users of a domain. Beside FakeCloud, at the HTTP boundary."""

import re
from typing import Any

from tests.unit.clouds_fake import EXPIRES_AT, KEYSTONE, PROJECT, FakeCloud
from tests.unit.deaths import Mortal
from tests.unit.nova_fake import Killed

ACCOUNT, DOMAIN, PASSWORD = "meshdeck-service-users", "default", "MARKED-password-of-the-account"
TOKEN = "token-of-the-account"
USERS = f"{KEYSTONE}/users"
_ONE = re.compile(rf"^{re.escape(USERS)}/[^/?]+$")
_GRANT = re.compile(rf"^{re.escape(KEYSTONE)}/projects/{PROJECT}/users/[^/]+/roles/[^/]+$")


class KeystoneUsers(Mortal):
    """`users` by id, each as Keystone tells it; `passwords` and `roles` (ids) by the user's id.

    `kill` lets the worker die at a request as the account, as in keystone_fake. `refuse` answers the account's logins
    with this status, `refuse_grants` its gifts of roles.
    """

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.roles: dict[str, list[str]] = {}
        self.request_ids: set[str] = set()
        self.made = self.logins = self.requests = 0
        self.dies_at: tuple[int, str] | None = None
        self.refuse = self.refuse_grants = 0
        # What Keystone says at this moment of the token of who asks.
        self.person_roles = {"reader": "1", "member": "2"}
        mock = cloud.mock
        mock.get(f"{KEYSTONE}/auth/tokens", json=self._person)
        mock.post(f"{KEYSTONE}/auth/tokens", json=self._log_in, additional_matcher=_by_password)
        mock.get(USERS, json=self._list, additional_matcher=self._sent)
        mock.post(USERS, json=self._create, additional_matcher=self._sent)
        mock.get(_ONE, json=self._show, additional_matcher=self._sent)
        mock.delete(_ONE, text=self._delete, additional_matcher=self._sent)
        mock.put(_GRANT, text=self._grant, additional_matcher=self._sent)

    def kill(self, request: int, when: str) -> None:
        """Return the worker dies at the account's request of this number, "before" or "after" it has worked."""
        self.dies_at = (request, when)

    def add(self, name: str, **values: Any) -> str:
        """Return a user that is there; its id."""
        self.made += 1
        external_id = f"user-made-{self.made}"
        told = {"id": external_id, "name": name, "domain_id": DOMAIN, "default_project_id": PROJECT, "enabled": True}
        self.users[external_id] = told | values
        self.roles[external_id] = []
        return external_id

    def _person(self, request: Any, context: Any) -> Any:
        if request.headers["X-Subject-Token"] != request.headers["X-Auth-Token"]:
            context.status_code = 403
            return {"error": {"code": 403, "message": "You are not authorized."}}
        return {"token": {"roles": [{"id": key, "name": name} for name, key in self.person_roles.items()]}}

    def _log_in(self, request: Any, context: Any) -> Any:
        self.logins += 1
        self.request_ids.add(request.headers["X-Openstack-Request-Id"])
        auth = request.json()["auth"]
        user = auth["identity"]["password"]["user"]
        known = user == {"name": ACCOUNT, "domain": {"id": DOMAIN}, "password": PASSWORD}
        if self.refuse or not known or auth["scope"] != {"domain": {"id": DOMAIN}}:
            context.status_code = self.refuse or 401
            return {"error": {"code": context.status_code, "message": "The request requires authentication."}}
        context.status_code, context.headers["X-Subject-Token"] = 201, TOKEN
        who = {"id": "account-1", "name": ACCOUNT, "domain": {"id": DOMAIN}}
        return {"token": {"expires_at": f"{EXPIRES_AT:%Y-%m-%dT%H:%M:%S.%fZ}", "user": who, "roles": []}}

    def _sent(self, request: Any) -> bool:
        if request.headers.get("X-Auth-Token") != TOKEN:
            return False  # as a person nobody gets here
        self.requests += 1
        if self.dies_at == (self.requests, "before"):
            raise Killed
        self._comes(request)
        return True

    def _answer(self, answer: Any) -> Any:
        if self.dies_at == (self.requests, "after"):
            raise Killed
        return self._goes(answer)

    def _list(self, request: Any, _context: Any) -> Any:
        name = request.qs["name"][0]
        return self._answer({"users": [one for one in self.users.values() if one["name"].lower() == name]})

    def _create(self, request: Any, context: Any) -> Any:
        wanted = dict(request.json()["user"])
        if any(one["name"] == wanted["name"] for one in self.users.values()):
            context.status_code = 409
            return self._answer({"error": {"code": 409, "message": "Conflict occurred attempting to store user"}})
        password = wanted.pop("password")
        external_id = self.add(**wanted)
        self.passwords[external_id] = password
        context.status_code = 201
        return self._answer({"user": self.users[external_id]})

    def _show(self, request: Any, context: Any) -> Any:
        row = self.users.get(request.url.rpartition("/")[2])
        if row is None:
            context.status_code = 403  # as Keystone answers whoever is no admin of the whole cloud
            return self._answer({"error": {"code": 403, "message": "You are not authorized."}})
        return self._answer({"user": row})

    def _delete(self, request: Any, context: Any) -> str:
        row = self.users.pop(request.url.rpartition("/")[2], None)
        context.status_code = 204 if row else 403
        return str(self._answer(""))

    def _grant(self, request: Any, context: Any) -> str:
        parts = request.url.split("/")
        if self.refuse_grants:
            context.status_code = self.refuse_grants
            return str(self._answer(""))
        self.roles[parts[-3]].append(parts[-1])
        context.status_code = 204
        return str(self._answer(""))


def _by_password(request: Any) -> bool:
    return "password" in request.json()["auth"]["identity"]["methods"]
