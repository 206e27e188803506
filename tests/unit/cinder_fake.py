"""Cinder as far as it changes volumes and snapshots, and nova as far as it attaches them.

Beside FakeCloud, at the HTTP boundary. A change is begun at once, and ended at a later look. `kill` lets the worker
die at any request: before it is sent, or after the cloud has done what it asks for and before the answer is read.
"""

import re
from collections.abc import Callable
from typing import Any

import requests_mock

from tests.unit.clouds_fake import CINDER, NOVA, FakeCloud, volume
from tests.unit.deaths import Mortal
from tests.unit.nova_fake import Killed

Row = dict[str, Any]
VOLUME = re.compile(rf"^{re.escape(CINDER)}/volumes/(?!detail)[^/?]+$")
SNAPSHOT = re.compile(rf"^{re.escape(CINDER)}/snapshots/(?!detail)[^/?]+$")
ACT = re.compile(rf"^{re.escape(CINDER)}/volumes/[^/]+/action$")
SERVER = re.compile(rf"^{re.escape(NOVA)}/servers/(?!detail)[^/?]+$")
ATTACHMENTS = re.compile(rf"^{re.escape(NOVA)}/servers/[^/]+/os-volume_attachments")


def snapshot(number: int, **changes: Any) -> Row:
    """Return a snapshot of volume-1 as Cinder tells it."""
    return {
        "id": f"snapshot-{number}",
        "name": f"data-1-{number}",
        "description": None,
        "status": "available",
        "size": 20,
        "volume_id": "volume-1",
        "metadata": {},
        "created_at": f"2026-10-1{number}T09:00:00.000000",
        **changes,
    }


class Cinder(Mortal):
    """`done` lists what was done, each as often as it was done: ("os-extend", "volume-1")."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.done: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.requests = 0
        self.dies_at: tuple[int, str] | None = None
        self.ends: dict[str, list[Any]] = {}
        self.clock = 0
        # How many looks it takes until something is through, and what becomes of it instead of what was asked for.
        self.looks = 1
        self.fails_as = ""
        mock = cloud.mock
        mock.get(VOLUME, json=lambda request, context: self._look("volume", request, context))
        mock.get(SNAPSHOT, json=lambda request, context: self._look("snapshot", request, context))
        mock.put(VOLUME, json=lambda request, context: self._rename("volume", request, context))
        mock.put(SNAPSHOT, json=lambda request, context: self._rename("snapshot", request, context))
        mock.delete(VOLUME, status_code=202, text=lambda request, context: self._delete("volume", request, context))
        mock.delete(SNAPSHOT, status_code=202, text=lambda request, context: self._delete("snapshot", request, context))
        mock.post(f"{CINDER}/volumes", status_code=202, json=lambda request, _: self._create("volume", request))
        mock.post(f"{CINDER}/snapshots", status_code=202, json=lambda request, _: self._create("snapshot", request))
        mock.post(ACT, status_code=202, text=self._act)
        mock.get(SERVER, json=self._server)
        mock.post(ATTACHMENTS, json=self._attach)
        mock.delete(ATTACHMENTS, status_code=202, text=self._detach)
        mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=self._sent)

    def kill(self, request: int, when: str) -> None:
        """Return the worker dies at its request of this number, "before" or "after" it has worked."""
        self.dies_at = (request, when)

    def row(self, id_: str = "volume-1") -> Row:
        """Return a volume or snapshot as it is."""
        return next(one for one in (*self.cloud.volumes, *self.cloud.snapshots) if one["id"] == id_)

    def has(self, id_: str) -> bool:
        """Whether there is such a volume or snapshot."""
        return any(one["id"] == id_ for one in (*self.cloud.volumes, *self.cloud.snapshots))

    def did(self, verb: str) -> int:
        """How often something was done."""
        return sum(one == verb for one, _ in self.done)

    def attach(self, id_: str = "volume-1", server_id: str = "server-1", **changes: Any) -> None:
        """Return the volume is attached from the beginning."""
        one = {"server_id": server_id, "device": "/dev/vdb", "attached_at": "2026-10-13T09:00:00.000000"}
        self.row(id_).update({"status": "in-use", "attachments": [one], **changes})

    def _sent(self, request: Any) -> bool:
        if not request.url.startswith((NOVA, CINDER)):
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

    def _rows(self, kind: str) -> list[Row]:
        return self.cloud.volumes if kind == "volume" else self.cloud.snapshots

    def _find(self, kind: str, request: Any) -> Row | None:
        id_ = request.url.removeprefix(f"{CINDER}/{kind}s/").split("/")[0]
        return next((one for one in self._rows(kind) if one["id"] == id_), None)

    def _missing(self, context: Any) -> Row:
        context.status_code = 404
        return {"itemNotFound": {"code": 404, "message": "Volume could not be found."}}

    def touch(self, row: Row) -> None:
        """Cinder notes when it changed something."""
        self.clock += 1
        row["updated_at"] = f"2026-10-13T10:00:{self.clock:02}.000000"

    def later(self, row: Row, status: str, end: Callable[[Row], None]) -> None:
        """Have it be at something that comes to its end at a later look."""
        row["status"] = status
        self.touch(row)
        self.ends[row["id"]] = [self.looks, end]

    def _tick(self, row: Row) -> None:
        waiting = self.ends.get(row["id"])
        if waiting is None:
            return
        waiting[0] -= 1
        if waiting[0] < 0:
            del self.ends[row["id"]]
            if self.fails_as:
                row["status"] = self.fails_as
            else:
                waiting[1](row)
            self.touch(row)

    def _look(self, kind: str, request: Any, context: Any) -> Any:
        row = self._find(kind, request)
        if row is not None:
            self._tick(row)
            row = self._find(kind, request)
        return self._answer({kind: row} if row is not None else self._missing(context))

    def _create(self, kind: str, request: Any) -> Any:
        wanted = request.json()[kind]
        self.bodies.append(wanted)
        rows = self._rows(kind)
        row = volume(1) if kind == "volume" else snapshot(1)
        row |= {"id": f"made-{kind}-{len(rows)}", "name": wanted["name"], "metadata": wanted["metadata"]}
        row |= {"size": wanted.get("size", 20), "description": wanted.get("description")}
        rows.append(row)
        self.done.append((f"create-{kind}", row["id"]))
        self.later(row, "creating", lambda row: row.update(status="available"))
        return self._answer({kind: row})

    def _rename(self, kind: str, request: Any, context: Any) -> Any:
        row = self._find(kind, request)
        if row is None:
            return self._answer(self._missing(context))
        row.update(request.json()[kind])
        self.touch(row)
        self.done.append(("rename", row["id"]))
        return self._answer({kind: row})

    def _delete(self, kind: str, request: Any, context: Any) -> str:
        row = self._find(kind, request)
        if row is None:
            self._missing(context)
            return str(self._answer(""))
        self.done.append(("delete", row["id"]))
        self.later(row, "deleting", self._rows(kind).remove)
        return str(self._answer(""))

    def _act(self, request: Any, context: Any) -> str:
        row = self._find("volume", request)
        ((verb, details),) = request.json().items()
        if row is None:
            self._missing(context)
            return str(self._answer(""))
        self.done.append((verb, row["id"]))
        before = row["status"]
        if verb == "os-extend":
            size = details["new_size"]
            self.later(row, "extending", lambda row: row.update(status=before, size=size))
        elif verb == "revert":
            self.touch(self.row(details["snapshot_id"]))
            self.later(row, "reverting", lambda row: row.update(status="available"))
        elif verb == "os-unreserve" and before == "attaching":
            row["status"] = "available"
            self.touch(row)
        elif verb == "os-roll_detaching" and before == "detaching":
            row["status"] = "in-use"
            self.touch(row)
        return str(self._answer(""))

    def _server(self, request: Any, context: Any) -> Any:
        row = next((one for one in self.cloud.servers if request.url.endswith(one["id"])), None)
        return self._answer({"server": row} if row else self._missing(context))

    def _attach(self, request: Any, context: Any) -> Any:
        server_id = request.url.removeprefix(f"{NOVA}/servers/").split("/")[0]
        row = self.row(request.json()["volumeAttachment"]["volumeId"])
        if row["status"] != "available":
            context.status_code = 400
            return self._answer({"badRequest": {"code": 400, "message": "Invalid volume: it must be available"}})
        self.done.append(("attach", row["id"]))
        one = {"server_id": server_id, "device": "/dev/vdb", "attached_at": "2026-10-13T09:00:00.000000"}
        self.later(row, "attaching", lambda row: row.update(status="in-use", attachments=[one]))
        return self._answer({"volumeAttachment": {"device": "/dev/vdb", "volumeId": row["id"]}})

    def _detach(self, request: Any, context: Any) -> str:
        row = self.row(request.url.rsplit("/", 1)[1])
        if row["status"] != "in-use":
            context.status_code = 400
            return str(self._answer("Invalid volume"))
        self.done.append(("detach", row["id"]))
        self.later(row, "detaching", lambda row: row.update(status="available", attachments=[]))
        return str(self._answer(""))
