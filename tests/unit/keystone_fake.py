"""Keystone as far as it keeps people's application and EC2 credentials. Beside FakeCloud, at the HTTP boundary.

`kill` lets the worker die at any request: before it is sent, or after Keystone has done what it asks for and before
the answer is read.
"""

import hashlib
import json
import re
from typing import Any

import requests_mock

from tests.unit.clouds_fake import KEYSTONE, PROJECT, FakeCloud
from tests.unit.deaths import Mortal
from tests.unit.nova_fake import Killed

USERS = f"{KEYSTONE}/users/"
EC2 = f"{KEYSTONE}/credentials"
_ALL = re.compile(rf"^{re.escape(USERS)}[^/]+/application_credentials(\?.*)?$")
_ONE = re.compile(rf"^{re.escape(USERS)}[^/]+/application_credentials/[^/]+$")


class Keystone(Mortal):
    """`credentials` and `ec2` by id, as Keystone tells them, and `secrets` by id; `made` counts what was ever made."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.credentials: dict[str, dict[str, Any]] = {}
        self.ec2: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, str] = {}
        self.made = 0
        self.requests = 0
        self.dies_at: tuple[int, str] | None = None
        self.roles: tuple[str, ...] = ("reader", "member")
        mock = cloud.mock
        mock.get(_ALL, json=self._list)
        mock.post(_ALL, json=self._create)
        mock.get(_ONE, json=self._show)
        mock.delete(_ONE, text=self._delete)
        mock.get(EC2, json=lambda *_: self._answer({"credentials": list(self.ec2.values())}))
        mock.post(EC2, json=self._create_ec2)
        mock.delete(re.compile(rf"^{re.escape(EC2)}/"), text=self._delete_ec2)
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def kill(self, request: int, when: str) -> None:
        """Return the worker dies at its request of this number, "before" or "after" it has worked."""
        self.dies_at = (request, when)

    def add(self, name: str, **values: Any) -> str:
        """One that is there, made elsewhere; its id."""
        self.made += 1
        external_id = f"cred-{self.made}"
        self.credentials[external_id] = {
            "id": external_id,
            "name": name,
            "description": None,
            "project_id": PROJECT,
            "user_id": "user-1",
            "roles": [{"id": name, "name": name} for name in self.roles],
            "expires_at": None,
            "unrestricted": False,
            "access_rules": [],
            **values,
        }
        return external_id

    def _sent(self, request: Any) -> bool:
        if not request.url.startswith((USERS, EC2)):
            return False
        self.requests += 1
        if self.dies_at == (self.requests, "before"):
            raise Killed
        self._comes(request)
        return False  # somebody else answers

    def _answer(self, answer: Any) -> Any:
        if self.dies_at == (self.requests, "after"):
            raise Killed
        return self._goes(answer)

    def _refuse(self, context: Any, status: int, message: str) -> Any:
        context.status_code = status
        return self._answer({"error": {"code": status, "message": message}})

    @staticmethod
    def _user(request: Any) -> str:
        return str(request.url.removeprefix(USERS).split("/")[0])

    def _list(self, request: Any, _context: Any) -> Any:
        name, me = request.qs.get("name", [None])[0], self._user(request)
        rows = [one for one in self.credentials.values() if one["user_id"] == me]
        return self._answer(
            {"application_credentials": [one for one in rows if name is None or one["name"].lower() == name]}
        )

    def _create(self, request: Any, context: Any) -> Any:
        wanted, me = request.json()["application_credential"], self._user(request)
        if any(one["name"] == wanted["name"] and one["user_id"] == me for one in self.credentials.values()):
            return self._refuse(context, 409, "Conflict occurred attempting to store application_credential.")
        given = [role["name"] for role in wanted.get("roles") or []] or list(self.roles)
        if set(given) - set(self.roles):
            return self._refuse(context, 400, "Cannot create an application credential with unassigned role")
        known = {name: wanted.get(name) for name in ("description", "expires_at", "access_rules")}
        known["roles"] = [{"id": name, "name": name} for name in given]
        external_id = self.add(wanted["name"], **known, user_id=me)
        self.secrets[external_id] = wanted["secret"]
        context.status_code = 201
        told = self.credentials[external_id] | {"secret": wanted["secret"]}
        return self._answer({"application_credential": told})

    def _find(self, request: Any) -> dict[str, Any] | None:
        return self.credentials.get(request.url.rpartition("/")[2])

    def _show(self, request: Any, context: Any) -> Any:
        row = self._find(request)
        if row is None:
            return self._refuse(context, 404, "Could not find Application Credential.")
        if row["user_id"] != self._user(request):
            return self._refuse(context, 403, "You are not authorized to perform the requested action.")
        return self._answer({"application_credential": row})

    def _delete(self, request: Any, context: Any) -> Any:
        row = self._find(request)
        if row is None:
            self._refuse(context, 404, "Could not find Application Credential.")
            return ""
        if row["user_id"] != self._user(request):
            self._refuse(context, 403, "You are not authorized to perform the requested action.")
            return ""
        del self.credentials[row["id"]]
        context.status_code = 204
        return self._answer("")

    def add_ec2(self, access: str, **values: Any) -> str:
        """EC2 keys that are there, made elsewhere; their id."""
        self.made += 1
        external_id = hashlib.sha256(access.encode()).hexdigest()
        blob = json.dumps({"access": access, "secret": "MARKED-not-ours"})
        told = {"id": external_id, "type": "ec2", "user_id": "user-1", "project_id": PROJECT, "blob": blob}
        self.ec2[external_id] = told | values
        return external_id

    def _create_ec2(self, request: Any, context: Any) -> Any:
        wanted = request.json()["credential"]
        keys = json.loads(wanted["blob"])
        if hashlib.sha256(keys["access"].encode()).hexdigest() in self.ec2:
            return self._refuse(context, 409, "Conflict occurred attempting to store credential.")
        external_id = self.add_ec2(keys["access"], **wanted)
        self.secrets[external_id] = keys["secret"]
        context.status_code = 201
        return self._answer({"credential": self.ec2[external_id]})

    def _delete_ec2(self, request: Any, context: Any) -> str:
        row = self.ec2.pop(request.url.rpartition("/")[2], None)
        if row is None:
            self._refuse(context, 403, "You are not authorized to perform the requested action.")
            return ""
        context.status_code = 204
        return str(self._answer(""))
