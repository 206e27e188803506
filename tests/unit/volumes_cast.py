"""What the tests of volumes' actions begin with: the inventory, each verb with what it needs, and workers' turns."""

from datetime import datetime, timedelta
from typing import Any

import requests_mock
from django.utils import timezone

from portal.ui.commands import line
from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import Limit, Operation, Tenant
from projects.outcomes import Ask
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.compute.models import Server
from services.images.models import Image
from services.openstack.models import Zone
from services.openstack.words import Measure
from tests.unit import projects_fixtures as rows
from tests.unit.cinder_fake import Cinder
from tests.unit.clouds_fake import FakeCloud
from tests.unit.running import ask, refusals
from tests.unit.servers_cast import go

State = Operation.State
ON = {"volume_id": "volume-1", "server_id": "server-1"}


def make(tenant: Tenant, model: Any, external_id: str, **fields: Any) -> Any:
    """Return a row of the inventory."""
    now = timezone.now() - timedelta(hours=1)
    values = {"name": external_id, "first_seen_at": now, "changed_at": now, **fields}
    return model.objects.create(tenant=tenant, external_id=external_id, **values)


def inventory(cloud: FakeCloud) -> Tenant:
    """Return what the fake cloud has, as a refresh would have written it."""
    tenant = rows.make_tenant(rows.make_location(cloud=cloud, support="help@north.example"))
    at = datetime.fromisoformat("2026-10-11T09:00:00+00:00")
    make(tenant, Server, "server-1", name="web-01", status="ACTIVE", image_id="image-1", zone="zone-a")
    make(tenant, Server, "server-2", name="web-02", status="SHUTOFF", zone="zone-b")
    make(tenant, Volume, "volume-1", name="data-1", status="available", size_gb=20, zone="zone-a")
    make(tenant, Snapshot, "snapshot-1", name="data-1-1", status="available", size_gb=20, volume_id="volume-1",
         created_at=at)  # fmt: skip
    make(tenant, Image, "image-1", name="Debian 13", status="active", visibility="public", min_disk_gb=5)
    make(tenant, VolumeType, "type-1", name="ssd", default=True)
    for zone, service in (("zone-a", "compute"), ("zone-b", "compute"), ("zone-a", "block-storage")):
        Zone.objects.create(
            tenant=tenant, external_id=zone, name=zone, service=service, first_seen_at=at, changed_at=at
        )
    for measure, used, allowed in (
        (Measure.VOLUME_GB, 560, 1000),
        (Measure.VOLUMES, 9, 20),
        (Measure.SNAPSHOTS, 1, 10),
    ):
        Limit.objects.create(tenant=tenant, measure=measure, used=used, allowed=allowed)
    return tenant


def row(external_id: str = "volume-1") -> Volume:
    return Volume.objects.get(external_id=external_id)


def stuck(cinder: Cinder, status: str) -> None:
    """volume-1 hangs in a state, in the cloud and as last seen."""
    if status == "detaching":
        cinder.attach(status=status)
    cinder.row()["status"] = status
    Volume.objects.filter(external_id="volume-1").update(
        status=status, attachments=cinder.row()["attachments"], changed_at=timezone.now() - timedelta(minutes=5)
    )


def attached(cinder: Cinder) -> None:
    """volume-1 is attached to server-1, in the cloud and as last seen."""
    cinder.attach()
    Volume.objects.filter(external_id="volume-1").update(status="in-use", attachments=cinder.row()["attachments"])


def free(cinder: Cinder) -> None:
    """As the fixtures have it, without the snapshot that would keep volume-1 from being deleted."""
    cinder.cloud.snapshots.clear()
    Snapshot.objects.all().delete()


def as_it_is(cinder: Cinder) -> None:
    """As the fixtures have it."""


# Each verb with what was before, what it needs, and how often what is done.
VERBS: dict[str, tuple[Any, dict[str, Any], dict[str, int]]] = {
    "create-volume": (as_it_is, {"name": "pg-data", "size_gb": 20}, {"create-volume": 1}),
    "create-volume and attach": (
        as_it_is,
        {"name": "pg-data", "size_gb": 20, "server_id": "server-1"},
        {"create-volume": 1, "attach": 1},
    ),
    "attach-volume": (as_it_is, ON, {"attach": 1}),
    "detach-volume": (attached, ON, {"detach": 1}),
    "extend-volume": (as_it_is, {"volume_id": "volume-1", "size_gb": 40}, {"os-extend": 1}),
    "extend-volume attached": (attached, {"volume_id": "volume-1", "size_gb": 40}, {"os-extend": 1}),
    "create-snapshot": (as_it_is, {"volume_id": "volume-1", "name": "before"}, {"create-snapshot": 1}),
    "revert-volume": (as_it_is, {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}, {"revert": 1}),
    "edit-volume": (as_it_is, {"volume_id": "volume-1", "name": "logs", "was_name": "data-1"}, {"rename": 1}),
    "edit-snapshot": (as_it_is, {"snapshot_id": "snapshot-1", "name": "monday"}, {"rename": 1}),
    "delete-volume": (free, {"volume_id": "volume-1"}, {"delete": 1}),
    "delete-snapshot": (as_it_is, {"snapshot_id": "snapshot-1"}, {"delete": 1}),
    "release-volume": (lambda cinder: stuck(cinder, "attaching"), {"volume_id": "volume-1"}, {"os-unreserve": 1}),
    "detach-again": (lambda cinder: stuck(cinder, "detaching"), ON, {"os-roll_detaching": 1, "detach": 1}),
}


def begin(cinder: Cinder, visit: Visit, verb: str) -> Operation:
    before, params, _effects = VERBS[verb]
    before(cinder)
    return ask(visit, verb.split()[0], **params)


def one_effect(cinder: Cinder, operation: Operation, verb: str) -> None:
    """Return the cloud did it so often and nothing else, and the inventory shows what came of it."""
    assert operation.state == State.DONE, (operation.reason, operation.detail, operation.note)
    done = {verb: cinder.did(verb) for verb, _ in cinder.done}
    assert done == VERBS[verb][2]
    for one in cinder.cloud.volumes:
        if Volume.objects.filter(external_id=one["id"]).exists():
            shown = row(one["id"])
            assert (shown.status, shown.size_gb, shown.name) == (one["status"], one["size"], one["name"])
            assert [a["server_id"] for a in shown.attachments] == [a["server_id"] for a in one["attachments"]]
    assert {one["id"] for one in cinder.cloud.snapshots} == set(Snapshot.objects.values_list("external_id", flat=True))
    assert {one["id"] for one in cinder.cloud.volumes} == set(Volume.objects.values_list("external_id", flat=True))


def done_once(cinder: Cinder, visit: Visit, verb: str) -> Operation:
    """See that it is done, once, all its steps have ended, and it is said with names; the operation."""
    operation = go(begin(cinder, visit, verb))
    one_effect(cinder, operation, verb)
    assert operation.accepted_at is not None
    action = ACTIONS[operation.action]
    params = action.params.model_validate(operation.params)
    assert [step["key"] for step in operation.steps] == [step.key for step in action.steps(params, operation.names)]
    assert all(step["ended"] for step in operation.steps)
    assert action.title(params, operation.names)
    assert action.told(params, operation.names)
    assert "volume-1" not in action.told(params, operation.names)
    return operation


def undo_of(operation: Operation) -> Ask | None:
    """Return what would take it back."""
    action = ACTIONS[operation.action]
    return action.undo(operation, action.params.model_validate(operation.params))


def refused(
    visit: Visit, mock: requests_mock.Mocker, verb: str, params: dict[str, Any], field: str, words: str
) -> None:
    """See that it is refused at this field in these words, and nothing was asked of a cloud."""
    wanted = {"name": "pg", "size_gb": 20, **params} if verb == "create-volume" else params
    said = [(where, reason.replace("\xa0", " ")) for where, reason in refusals(visit, verb, **wanted)]
    assert any(where == field and words in reason for where, reason in said), said
    assert mock.request_history == []
    assert not Operation.objects.exists()


def command_lines(verb: str, params: dict[str, Any]) -> list[str]:
    """Do the same as commands, with the names of the inventory."""
    action = ACTIONS[verb]
    names = {"volume-1": "data-1", "server-1": "web-01", "snapshot-1": "data-1-1"}
    return [line((), command) for command in action.commands(action.params.model_validate(params), names)]
