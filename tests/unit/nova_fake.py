"""Nova as far as it changes servers: what it does at once, what shows at a later look, and what it keeps on record.

Beside FakeCloud, at the HTTP boundary. `kill` lets the worker die at any request: before it is sent, or after the
cloud has done what it asks for and before the answer is read.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import requests_mock

from tests.unit.clouds_fake import CINDER, GLANCE, NEUTRON, NOVA, FakeCloud, server
from tests.unit.deaths import Mortal

Row = dict[str, Any]
TASK = "OS-EXT-STS:task_state"
SERVER = re.compile(rf"^{re.escape(NOVA)}/servers/(?!detail)[^/?]+$")
ACT = re.compile(rf"^{re.escape(NOVA)}/servers/[^/]+/action$")
RECORD = re.compile(rf"^{re.escape(NOVA)}/servers/[^/]+/os-instance-actions")
FLAVORS = {
    "flavor-1": {"original_name": "m1.medium", "vcpus": 2, "ram": 8192, "disk": 40},
    "flavor-2": {"original_name": "m1.large", "vcpus": 4, "ram": 16384, "disk": 80},
}
# What each verb is at meanwhile, and the state that it ends in.
_CHANGES = {
    "pause": ("pausing", "PAUSED"),
    "unpause": ("unpausing", "ACTIVE"),
    "suspend": ("suspending", "SUSPENDED"),
    "resume": ("resuming", "ACTIVE"),
    "shelve": ("shelving", "SHELVED_OFFLOADED"),
    "unshelve": ("unshelving", "ACTIVE"),
    "rescue": ("rescuing", "RESCUE"),
    "unrescue": ("unrescuing", "ACTIVE"),
}


class Killed(BaseException):
    """The worker is no more: nothing of it catches this."""


class Nova(Mortal):
    """`done` lists what was done, each as often as it was done: ("os-start", "server-1")."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.done: list[tuple[str, str]] = []
        self.requests = 0
        self.dies_at: tuple[int, str] | None = None
        self.record: dict[str, list[Row]] = {}
        self.ends: dict[str, list[Any]] = {}
        # How many looks it takes until something is through.
        self.looks = 1
        # What happens once between a look and its answer.
        self.meanwhile: Callable[[], object] | None = None
        # What somebody else does before each look.
        self.before_look: Callable[[], object] = lambda: None
        self.images: dict[str, Row] = {}
        mock = cloud.mock
        mock.get(SERVER, json=self._look)
        mock.put(SERVER, json=self._rename)
        mock.delete(SERVER, status_code=204, text=self._delete)
        mock.post(f"{NOVA}/servers", status_code=202, json=self._create)
        mock.post(ACT, text=self._act)
        mock.get(RECORD, json=self._told)
        mock.get(re.compile(rf"^{re.escape(GLANCE)}/v2/images"), json=self._image)
        mock.get(f"{NEUTRON}/v2.0/ports", json={"ports": []})
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def kill(self, request: int, when: str) -> None:
        """Return the worker dies at its request of this number, "before" or "after" it has worked."""
        self.dies_at = (request, when)

    def row(self, server_id: str = "server-1") -> Row:
        """Return a server as it is."""
        return next(one for one in self.cloud.servers if one["id"] == server_id)

    def did(self, verb: str) -> int:
        """How often something was done."""
        return sum(one == verb for one, _ in self.done)

    def _sent(self, request: Any) -> bool:
        if not request.url.startswith((NOVA, NEUTRON, CINDER, GLANCE)):
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

    def _missing(self, context: Any) -> Row:
        context.status_code = 404
        return {"itemNotFound": {"code": 404, "message": "Instance could not be found."}}

    def _find(self, request: Any) -> Row | None:
        server_id = request.url.removeprefix(f"{NOVA}/servers/").split("/")[0]
        return next((one for one in self.cloud.servers if one["id"] == server_id), None)

    def _look(self, request: Any, context: Any) -> Any:
        self.before_look()
        row = self._find(request)
        if row is None:
            return self._answer(self._missing(context))
        if waiting := self.ends.get(row["id"]):
            waiting[0] -= 1
            if waiting[0] < 0:
                del self.ends[row["id"]]
                waiting[1](row)
                if row not in self.cloud.servers:
                    return self._answer(self._missing(context))
        told = deepcopy(row)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        return self._answer({"server": told})

    def later(self, row: Row, task: str | None, end: Callable[[Row], None], status: str | None = None) -> None:
        """Return the server is at something, and comes to its end at a later look."""
        row[TASK] = task
        row["status"] = status or row["status"]
        self.ends[row["id"]] = [self.looks, end]

    def note(self, row: Row, action: str, **fields: Any) -> str:
        """One more line on the record; the request's id."""
        rows = self.record.setdefault(row["id"], [])
        entry = {"request_id": f"req-{len(rows)}", "action": action, "user_id": "user-1", "message": None, **fields}
        rows.insert(0, entry | {"events": [{"event": action, "result": "Success"}]})
        return str(entry["request_id"])

    def _told(self, request: Any, context: Any) -> Any:
        server_id, _, request_id = request.url.removeprefix(f"{NOVA}/servers/").partition("/os-instance-actions")
        rows = self.record.get(server_id, [])
        wanted = request_id.strip("/").split("?")[0]
        if not wanted:
            return self._answer({"instanceActions": rows})
        found = next((one for one in rows if one["request_id"] == wanted), None)
        return self._answer({"instanceAction": found} if found else self._missing(context))

    def _busy(self, context: Any) -> str:
        context.status_code = 409
        return '{"conflictingRequest": {"code": 409, "message": "Cannot do that while it is in task_state"}}'

    def _act(self, request: Any, context: Any) -> str:
        row = self._find(request)
        if row is None:
            context.status_code = 404
            return ""
        ((verb, argument),) = request.json().items()
        hard = verb == "reboot" and argument["type"] == "HARD"
        if row[TASK] and not hard and verb not in ("lock", "unlock"):
            return self._busy(context)
        context.status_code = {"confirmResize": 204, "rescue": 200}.get(verb, 202)
        return str(self._answer(self._do(row, verb, argument, context)))

    def _do(self, row: Row, verb: str, argument: Any, context: Any) -> str:
        self.done.append((verb, row["id"]))
        match verb:
            case "os-start":
                self.later(row, "powering-on", lambda one: one.update(status="ACTIVE", **{TASK: None}))
            case "os-stop":
                self.later(row, "powering-off", lambda one: one.update(status="SHUTOFF", **{TASK: None}))
            case "reboot":
                task = "rebooting_hard" if argument["type"] == "HARD" else "rebooting"
                self.later(row, task, lambda one: one.update(status="ACTIVE", **{TASK: None}), "REBOOT")
            case "resize":
                self._resize(row, argument["flavorRef"])
            case "confirmResize":
                # Nova shows nothing of it until it is through, and takes a second one for nonsense.
                if row.pop("decided", None):
                    context.status_code = 400
                    return '{"badRequest": {"code": 400, "message": "Instance has not been resized."}}'
                row["decided"] = True
                self.later(row, None, lambda one: one.update(status="ACTIVE", **{TASK: None}))
            case "revertResize":
                self.later(row, "resize_reverting", self._reverted, "REVERT_RESIZE")
            case "lock" | "unlock":
                row["locked"] = verb == "lock"
            case "pause" | "unpause" | "suspend" | "resume" | "shelve" | "unshelve" | "rescue" | "unrescue":
                task, status = _CHANGES[verb]
                self.later(row, task, lambda one: one.update(status=status, **{TASK: None}))
            case "rebuild":
                self.later(row, "rebuilding", lambda one: self._rebuilt(one, argument["imageRef"]), "REBUILD")
            case "createImage":
                image = {"id": f"image-{len(self.images) + 10}", "name": argument["name"], "status": "queued"}
                self.images[image["id"]] = image | {"owner": "x", **argument["metadata"]}
                self.later(row, "image_uploading", lambda one: self._saved(one, image["id"]))
                context.headers["x-openstack-request-id"] = self.note(row, verb)
                return f'{{"image_id": "{image["id"]}"}}'
        words = {"os-start": "start", "os-stop": "stop"}
        context.headers["x-openstack-request-id"] = self.note(row, words.get(verb, verb))
        return ""

    def _rebuilt(self, row: Row, image_id: str) -> None:
        row.update(status="ACTIVE", image={"id": image_id}, **{TASK: None})

    def _resize(self, row: Row, flavor_id: str) -> None:
        row["was"] = row["flavor"]

        def moved(one: Row) -> None:
            one.update(status="VERIFY_RESIZE", flavor=FLAVORS[flavor_id], **{TASK: None})

        self.later(row, "resize_prep", moved, "RESIZE")

    def _reverted(self, row: Row) -> None:
        row.update(status="ACTIVE", flavor=row.pop("was"), **{TASK: None})

    def _saved(self, row: Row, image_id: str) -> None:
        row[TASK] = None
        self.images[image_id]["status"] = "active"

    def _image(self, request: Any, context: Any) -> Any:
        wanted = request.url.removeprefix(f"{GLANCE}/v2/images").split("?")[0].strip("/")
        if not wanted:
            return self._answer({"images": list(self.images.values())})
        if wanted not in self.images:
            context.status_code = 404
            return self._answer({})
        return self._answer(self.images[wanted])

    def _rename(self, request: Any, context: Any) -> Any:
        row = self._find(request)
        if row is None:
            return self._missing(context)
        row["name"] = request.json()["server"]["name"]
        self.done.append(("rename", row["id"]))
        return self._answer({"server": row})

    def _delete(self, request: Any, context: Any) -> str:
        row = self._find(request)
        if row is None:
            context.status_code = 404
            return ""
        self.done.append(("delete", row["id"]))
        self.later(row, "deleting", self._gone)
        context.headers["x-openstack-request-id"] = self.note(row, "delete")
        return str(self._answer(""))

    def _gone(self, row: Row) -> None:
        self.cloud.servers.remove(row)
        for volume in self.cloud.volumes:
            if any(one["server_id"] == row["id"] for one in volume["attachments"]):
                volume.update(attachments=[], status="available")
        ports = [port["id"] for port in self.cloud.ports if port["device_id"] == row["id"]]
        for address in self.cloud.floating_ips:
            if address["port_id"] in ports:
                address.update(port_id=None, fixed_ip_address=None)

    def _create(self, request: Any, _context: Any) -> Any:
        wanted = request.json()["server"]
        number = len(self.cloud.servers) + 10
        row = server(number, name=wanted["name"], metadata=wanted["metadata"], status="BUILD", addresses={})
        self.cloud.servers.append(row)
        self.done.append(("create", row["id"]))
        self.later(row, "spawning", lambda one: one.update(status="ACTIVE", **{TASK: None}))
        self.note(row, "create")
        return self._answer({"server": {"id": row["id"]}})
