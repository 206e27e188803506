"""Changes of volumes and snapshots: each ends in exactly one effect, wherever the worker dies, and is refused early in
words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from projects.access import Visit
from projects.actions import ACTIONS
from projects.models import (
    Image,
    Limit,
    LocationService,
    Measure,
    Operation,
    Role,
    Server,
    Snapshot,
    Tenant,
    Volume,
    VolumeType,
    Zone,
)
from projects.operations import claims, run
from tests.unit import projects_fixtures as rows
from tests.unit.cinder_fake import ATTACHMENTS, Cinder, snapshot
from tests.unit.clouds_fake import CINDER, NOVA, FakeCloud, volume
from tests.unit.nova_fake import Killed
from tests.unit.running import ask, refusals, undo

pytestmark = pytest.mark.django_db

State = Operation.State
ON = {"volume_id": "volume-1", "server_id": "server-1"}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> FakeCloud:
    cloud = FakeCloud(requests_mock)
    cloud.snapshots.append(snapshot(1))
    return cloud


@pytest.fixture
def cinder(cloud: FakeCloud) -> Cinder:
    return Cinder(cloud)


def make(tenant: Tenant, model: Any, external_id: str, **fields: Any) -> Any:
    """A row of the inventory."""
    now = timezone.now() - timedelta(hours=1)
    values = {"name": external_id, "first_seen_at": now, "changed_at": now, **fields}
    return model.objects.create(tenant=tenant, external_id=external_id, **values)


@pytest.fixture
def tenant(cloud: FakeCloud) -> Tenant:
    """What the fake cloud has, as a refresh would have written it."""
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


@pytest.fixture
def visit(tenant: Tenant) -> Visit:
    user = rows.make_user()
    rows.make_member(user, tenant)
    rows.make_grant(user)
    return Visit(user, tenant, Role.MEMBER)


def row(external_id: str = "volume-1") -> Volume:
    return Volume.objects.get(external_id=external_id)


def go(operation: Operation, turns: int = 30) -> Operation:
    """What workers do, without the waiting. A worker that dies is followed by another when its claim has ended."""
    for _ in range(turns):
        Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
        try:
            if run.turn(operation.pk) is None:
                break
        except Killed:
            later(operation, max(claims.LEASE, run.SETTLE).total_seconds() + 1)
    operation.refresh_from_db()
    return operation


def later(operation: Operation, seconds: float) -> None:
    """Time passes for what the operation remembers, and for its claim."""
    operation.refresh_from_db()
    ago = timedelta(seconds=seconds)
    memory = {
        key: (datetime.fromisoformat(value) - ago).isoformat() if key.endswith("_at") and value else value
        for key, value in operation.memory.items()
    }
    claimed_at = operation.claimed_at - ago if operation.claimed_at else None
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


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
    """The cloud did it so often and nothing else, and the inventory shows what came of it."""
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


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_done_once_and_shown(cinder: Cinder, visit: Visit, verb: str) -> None:
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


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", VERBS)
def test_wherever_the_worker_dies_there_is_one_effect(
    requests_mock: requests_mock.Mocker, visit: Visit, cloud: FakeCloud, verb: str, when: str
) -> None:
    """The same from the beginning, with a death at each of its requests in turn."""
    before = list(Volume.objects.values()), list(Snapshot.objects.values())
    deaths = 0
    for request in range(1, 100):
        again = FakeCloud(requests_mock)
        again.snapshots.append(snapshot(1))
        cinder = Cinder(again)
        for model, kept in zip((Volume, Snapshot), before, strict=True):
            model.objects.all().delete()
            model.objects.bulk_create(model(**values) for values in kept)
        operation = begin(cinder, visit, verb)
        cinder.kill(request, when)
        go(operation)
        cinder.dies_at = None
        one_effect(cinder, operation, verb)
        if cinder.requests < request:
            break
        deaths += 1
    assert deaths >= 2


def test_a_rename_in_between_is_not_taken_for_a_revert(cinder: Cinder, visit: Visit) -> None:
    operation = ask(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    cinder.kill(3, "before")  # it has written down that it sends, and did not
    go(operation, 1)
    assert operation.memory["reverted_sent_at"]
    cinder.touch(cinder.row())
    assert go(operation).state == State.DONE
    assert cinder.did("revert") == 1


@pytest.mark.parametrize(("lost", "state", "sent"), [(2, State.DONE, 3), (3, State.FAILED, 3)])
def test_an_attachment_that_nova_lets_go_of_is_asked_for_anew(
    cinder: Cinder, visit: Visit, lost: int, state: str, sent: int
) -> None:
    operation = ask(visit, "attach-volume", **ON)
    for n in range(1, lost + 1):
        while cinder.did("attach") < n:
            go(operation, 1)
        cinder.ends.clear()
        cinder.row().update(status="available", attachments=[])
        run_later = {**operation.memory, "attach": (timezone.now() - timedelta(seconds=11)).isoformat()}
        Operation.objects.filter(pk=operation.pk).update(memory=run_later)
    go(operation)
    assert operation.state == state, operation.reason
    assert cinder.did("attach") == sent


def test_an_attachment_waits_for_a_server_that_is_at_work(
    requests_mock: requests_mock.Mocker, cloud: FakeCloud, cinder: Cinder, visit: Visit
) -> None:
    cloud.servers[0]["OS-EXT-STS:task_state"] = "image_uploading"
    requests_mock.post(ATTACHMENTS, status_code=409)
    operation = ask(visit, "attach-volume", **ON)
    go(operation, 12)
    assert operation.state == State.RUNNING
    assert "image uploading" in operation.note
    cloud.servers[0]["OS-EXT-STS:task_state"] = None
    go(operation)
    assert operation.state == State.FAILED


def test_a_new_volume_has_all_that_was_asked_for(cinder: Cinder, visit: Visit) -> None:
    wanted = {"name": "pg", "description": "for us", "size_gb": 30, "volume_type": "ssd", "zone": "zone-a"}
    go(ask(visit, "create-volume", **wanted, image_id="image-1"))
    assert cinder.bodies == [
        {
            "name": "pg",
            "description": "for us",
            "size": 30,
            "volume_type": "ssd",
            "availability_zone": "zone-a",
            "imageRef": "image-1",
            "metadata": {"meshdeck-operation": Operation.objects.get().pk},
        }
    ]


def test_a_snapshot_is_forced_only_of_a_volume_in_use(cinder: Cinder, visit: Visit) -> None:
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="one"))
    attached(cinder)
    go(ask(visit, "create-snapshot", volume_id="volume-1", name="two"))
    assert [body.get("force") for body in cinder.bodies] == [None, True]


def test_where_it_is_attached_is_said(cinder: Cinder, visit: Visit) -> None:
    assert go(ask(visit, "attach-volume", **ON)).note == "In use as /dev/vdb"


@pytest.mark.parametrize(
    ("verb", "state", "words"),
    [
        ("create-volume", "error", "north could not make the volume."),
        ("extend-volume", "error_extending", "Ask help@north.example."),
        ("create-snapshot", "error", "could not take the snapshot"),
        ("revert-volume", "error", "could not put the volume back"),
        ("delete-volume", "error_deleting", "Ask help@north.example."),
        ("delete-snapshot", "error_deleting", "could not delete it"),
    ],
)
def test_what_ends_in_an_error_fails_and_says_whom_to_ask(
    cinder: Cinder, visit: Visit, verb: str, state: str, words: str
) -> None:
    cinder.fails_as = state
    operation = go(begin(cinder, visit, verb))
    assert operation.state == State.FAILED
    assert words in operation.reason
    assert operation.note


@pytest.mark.parametrize("verb", ["extend-volume", "delete-volume", "detach-volume"])
def test_what_the_cloud_took_on_and_did_not_do_fails(cinder: Cinder, visit: Visit, verb: str) -> None:
    operation = begin(cinder, visit, verb)
    status, size = cinder.row()["status"], cinder.row()["size"]
    run.turn(operation.pk)
    cinder.ends.clear()
    cinder.row().update(status=status, size=size)
    operation.refresh_from_db()
    ago = (timezone.now() - timedelta(seconds=90)).isoformat()
    memory = {key: ago if key in ("extend", "delete", "detach") else v for key, v in operation.memory.items()}
    assert memory != operation.memory
    Operation.objects.filter(pk=operation.pk).update(memory=memory)
    go(operation)
    assert operation.state == State.FAILED
    assert "north took it on and did not" in operation.reason


def test_somebody_else_has_deleted_it_already(cinder: Cinder, visit: Visit) -> None:
    free(cinder)
    operation = ask(visit, "delete-volume", volume_id="volume-1")
    cinder.cloud.volumes.clear()
    assert go(operation).state == State.DONE
    assert cinder.did("delete") == 0
    assert not Volume.objects.exists()


def test_an_old_cloud_extends_only_what_is_free(cloud: FakeCloud, cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    operation = ask(visit, "extend-volume", volume_id="volume-1", size_gb=40)
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    assert refusals(visit, "extend-volume", volume_id="volume-1", size_gb=40)[0][1].startswith(
        "It is attached to web-01. north is too old to extend a volume that is attached"
    )
    assert go(operation).state == State.FAILED
    assert "3.42" in operation.reason
    assert cinder.done == []


def test_an_old_cloud_puts_no_volume_back(visit: Visit) -> None:
    LocationService.objects.filter(service="block-storage").update(max_microversion="3.27")
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == ("north is too old to put a volume back in place: its block storage would have to know 3.40.")


class TestTwoPeople:
    """Both edit the same volume: nobody's words are lost."""

    def test_the_second_sees_what_changed(self, cinder: Cinder, visit: Visit) -> None:
        first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1", was_description="")
        second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description="")
        assert go(first).state == State.DONE
        assert go(second).state == State.FAILED
        assert second.code == "changed_meanwhile"
        assert "its name is now “logs”" in second.reason
        assert cinder.row()["name"] == "logs"

    def test_who_asked_later_waits_for_who_asked_earlier(self, cinder: Cinder, visit: Visit) -> None:
        first = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
        second = ask(visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1")
        assert run.turn(second.pk) == 0.3
        assert cinder.done == []
        go(first)
        assert go(second).state == State.FAILED

    def test_the_form_is_told_too(self, visit: Visit) -> None:
        Volume.objects.update(name="logs", description="of web")
        ((_field, reason),) = refusals(
            visit, "edit-volume", volume_id="volume-1", name="mine", was_name="data-1", was_description=""
        )
        assert reason == "It was changed meanwhile: its name is now “logs”, its description “of web”."

    def test_what_was_written_is_done_whoever_comes_after(self, cinder: Cinder, visit: Visit) -> None:
        operation = ask(visit, "edit-volume", volume_id="volume-1", name="logs", was_name="data-1")
        cinder.kill(2, "after")  # its PUT
        with pytest.raises(Killed):
            run.turn(operation.pk)
        cinder.dies_at = None
        later(operation, 30)
        assert go(operation).state == State.DONE
        assert cinder.did("rename") == 1

    def test_one_click_takes_it_back(self, cinder: Cinder, visit: Visit) -> None:
        params = {"name": "logs", "description": "x", "was_name": "data-1", "was_description": ""}
        operation = go(ask(visit, "edit-volume", volume_id="volume-1", **params))
        assert undo(visit, operation).state == State.DONE
        assert (cinder.row()["name"], cinder.row()["description"]) == ("data-1", "")


def test_one_click_takes_attaching_and_detaching_back(cinder: Cinder, visit: Visit) -> None:
    operation = go(ask(visit, "attach-volume", **ON))
    assert undo(visit, operation).state == State.DONE
    assert cinder.row()["attachments"] == []
    assert cinder.done == [("attach", "volume-1"), ("detach", "volume-1")]


def test_a_volume_of_a_server_that_was_deleted_meanwhile_is_detached(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    operation = ask(visit, "detach-volume", **ON)
    run.turn(operation.pk)
    cinder.cloud.servers.clear()
    assert go(operation).state == State.DONE


def test_two_attach_the_same_volume_and_one_is_told(cinder: Cinder, visit: Visit) -> None:
    Server.objects.filter(external_id="server-2").update(zone="zone-a")
    first = ask(visit, "attach-volume", **ON)
    second = ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")
    run.turn(first.pk)
    assert go(second).state == State.FAILED
    assert go(first).state == State.DONE
    assert cinder.did("attach") == 1


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("create-volume", {"size_gb": 480}, "size_gb", "480 GB is 40 GB more than atlas has left in north (440 of"),
    ("create-volume", {"image_id": "image-1", "size_gb": 2}, "size_gb", "Debian 13 needs at least 5 GB."),
    ("create-volume", {"snapshot_id": "snapshot-1", "size_gb": 10}, "size_gb", "data-1-1 needs at least 20 GB."),
    ("create-volume", {"source_volume_id": "volume-1", "size_gb": 10}, "size_gb", "data-1 needs at least 20 GB."),
    ("create-volume", {"image_id": "none"}, "image_id", "no such image"),
    ("create-volume", {"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("create-volume", {"source_volume_id": "none"}, "source_volume_id", "no such volume"),
    ("create-volume", {"image_id": "image-1", "snapshot_id": "snapshot-1"}, "", "made from one thing"),
    ("create-volume", {"volume_type": "nvme"}, "volume_type", "There is no volume type “nvme” here."),
    ("create-volume", {"zone": "moon"}, "zone", "There is no zone “moon” for volumes here. There is zone-a."),
    ("create-volume", {"server_id": "none"}, "server_id", "no such server"),
    ("create-volume", {"server_id": "server-2"}, "server_id", "The new volume would be in zone zone-a, and web-02 in"),
    ("attach-volume", {"volume_id": "none", "server_id": "server-1"}, "volume_id", "no such volume"),
    ("attach-volume", {"volume_id": "volume-1", "server_id": "none"}, "server_id", "no such server"),
    ("attach-volume", {"volume_id": "volume-1", "server_id": "server-2"}, "server_id", "data-1 is in zone zone-a, and"),
    ("detach-volume", ON, "volume_id", "data-1 is not attached to this server."),
    ("extend-volume", {"volume_id": "volume-1", "size_gb": 20}, "size_gb", "data-1 has 20 GB already"),
    ("extend-volume", {"volume_id": "volume-1", "size_gb": 500}, "size_gb", "480 GB is 40 GB more than atlas has left"),
    ("extend-volume", {"volume_id": "none", "size_gb": 50}, "volume_id", "no such volume"),
    ("create-snapshot", {"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("edit-volume", {"volume_id": "volume-1", "name": "data-1"}, "", "called already"),
    ("edit-volume", {"volume_id": "none", "name": "x"}, "volume_id", "no such volume"),
    ("edit-snapshot", {"snapshot_id": "none", "name": "x"}, "snapshot_id", "no such snapshot"),
    ("delete-volume", {"volume_id": "volume-1"}, "volume_id", "data-1 has the snapshot data-1-1, which"),
    ("delete-volume", {"volume_id": "none"}, "volume_id", "no such volume"),
    ("delete-snapshot", {"snapshot_id": "none"}, "snapshot_id", "no such snapshot"),
    ("release-volume", {"volume_id": "volume-1"}, "volume_id", "nothing to take back"),
    ("detach-again", ON, "volume_id", "nothing to take back"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "params", "field", "words"), REFUSED)
def test_it_is_refused_early_in_words(
    visit: Visit, requests_mock: requests_mock.Mocker, verb: str, params: dict[str, Any], field: str, words: str
) -> None:
    wanted = {"name": "pg", "size_gb": 20, **params} if verb == "create-volume" else params
    said = [(where, reason.replace("\xa0", " ")) for where, reason in refusals(visit, verb, **wanted)]
    assert any(where == field and words in reason for where, reason in said), said
    assert requests_mock.request_history == []
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("attach-volume", ON),
        ("extend-volume", {"volume_id": "volume-1", "size_gb": 40}),
        ("create-snapshot", {"volume_id": "volume-1", "name": "x"}),
        ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}),
        ("delete-volume", {"volume_id": "volume-1"}),
        ("create-volume", {"name": "copy", "size_gb": 20, "source_volume_id": "volume-1"}),
    ],
)
def test_in_a_wrong_state_it_is_refused(visit: Visit, verb: str, params: dict[str, Any]) -> None:
    Volume.objects.update(status="uploading")
    assert any("in the state “uploading”" in reason for _field, reason in refusals(visit, verb, **params))


def test_an_attached_volume_is_neither_deleted_nor_put_back_nor_attached_elsewhere(
    cinder: Cinder, visit: Visit
) -> None:
    attached(cinder)
    Server.objects.update(zone="zone-a")
    for verb, params in (
        ("delete-volume", {"volume_id": "volume-1"}),
        ("revert-volume", {"volume_id": "volume-1", "snapshot_id": "snapshot-1"}),
    ):
        said = refusals(visit, verb, **params)
        assert ("volume_id", "data-1 is attached to web-01. Detach it first.") in said
    ((_field, reason),) = refusals(visit, "attach-volume", volume_id="volume-1", server_id="server-2")
    assert reason == "data-1 is attached to another server. Detach it there first."


def test_a_volume_goes_back_to_its_latest_snapshot_only(tenant: Tenant, visit: Visit) -> None:
    newer = make(
        tenant, Snapshot, "snapshot-2", name="newer", status="available", size_gb=20, volume_id="volume-1",
        created_at=timezone.now(),
    )  # fmt: skip
    ((field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert (field, reason) == ("snapshot_id", "A volume goes back to its latest snapshot only, which is newer.")
    newer.delete()
    Volume.objects.update(size_gb=40)
    ((_field, reason),) = refusals(visit, "revert-volume", volume_id="volume-1", snapshot_id="snapshot-1")
    assert reason == "data-1 has grown from 20 to 40 GB since, and can't go back."


def test_zones_of_block_storage_that_compute_does_not_have_keep_nobody_apart(visit: Visit) -> None:
    Volume.objects.update(zone="storage-1")
    ask(visit, "attach-volume", volume_id="volume-1", server_id="server-2")


def test_what_has_not_hung_for_long_is_left_alone(cinder: Cinder, visit: Visit) -> None:
    stuck(cinder, "attaching")
    Volume.objects.update(changed_at=timezone.now())
    ((_field, reason),) = refusals(visit, "release-volume", volume_id="volume-1")
    assert "Wait until 2 minutes have passed" in reason


def test_a_volume_whose_server_is_gone_needs_the_operator(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Server.objects.all().delete()
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert "Ask help@north.example." in reason


def test_the_boot_volume_stays(cinder: Cinder, visit: Visit) -> None:
    attached(cinder)
    Volume.objects.update(bootable=True)
    Server.objects.filter(external_id="server-1").update(volumes=[{"id": "volume-1", "device": "/dev/vda"}])
    ((_field, reason),) = refusals(visit, "detach-volume", **ON)
    assert reason == "web-01 boots from data-1, so it can't be detached."


def test_snapshots_count_as_storage_where_the_cloud_counts_them(tenant: Tenant, visit: Visit) -> None:
    tenant.figures = {"volumes": {"gb": 940}, "snapshots": {"gb": 50}}
    tenant.save()
    Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=990)
    said = refusals(visit, "create-snapshot", volume_id="volume-1", name="x")
    assert [(field, reason) for field, reason in said] == [
        ("", "20 GB is 10 GB more than atlas has left in north (10 of 1,000 GB).")
    ]
    Limit.objects.filter(measure=Measure.VOLUME_GB).update(used=940)  # its operator has them not counted
    ask(visit, "create-snapshot", volume_id="volume-1", name="x")


@pytest.mark.parametrize(
    ("verb", "params", "lines"),
    [
        (
            "create-volume",
            {"name": "pg", "size_gb": 30, "snapshot_id": "snapshot-1", "server_id": "server-1"},
            ["volume create --size 30 --snapshot data-1-1 pg", "server add volume web-01 pg"],
        ),
        ("attach-volume", ON, ["server add volume web-01 data-1"]),
        ("detach-volume", ON, ["server remove volume web-01 data-1"]),
        (
            "extend-volume",
            {"volume_id": "volume-1", "size_gb": 40},
            ["--os-volume-api-version 3.42 volume set --size 40 data-1"],
        ),
        (
            "create-snapshot",
            {"volume_id": "volume-1", "name": "s", "description": "d"},
            ["volume snapshot create --volume data-1 --description d --force s"],
        ),
        (
            "revert-volume",
            {"volume_id": "volume-1", "snapshot_id": "snapshot-1"},
            ["--os-volume-api-version 3.40 volume revert data-1-1"],
        ),
        (
            "edit-volume",
            {"volume_id": "volume-1", "name": "n", "description": "d"},
            ["volume set --name n --description d data-1"],
        ),
        ("delete-volume", {"volume_id": "volume-1"}, ["volume delete data-1"]),
        ("delete-snapshot", {"snapshot_id": "snapshot-1"}, ["volume snapshot delete data-1-1"]),
    ],
)
def test_the_same_by_the_command_line(tenant: Tenant, verb: str, params: dict[str, Any], lines: list[str]) -> None:
    action = ACTIONS[verb]
    wanted = action.params.model_validate(params)
    names = {"volume-1": "data-1", "server-1": "web-01", "snapshot-1": "data-1-1"}
    said = [" ".join(word for group in line for word in group) for line in action.commands(wanted, names)]
    assert said == lines


def test_a_new_volume_as_terraform(tenant: Tenant) -> None:
    action = ACTIONS["create-volume"]
    wanted = action.params.model_validate({"name": "pg ${x}", "size_gb": 30, "server_id": "server-1"})
    assert action.terraform(tenant, wanted, {}) == (
        'resource "openstack_blockstorage_volume_v3" "pg_x" {\n'
        '  name = "pg $${x}"\n'
        "  size = 30\n"
        "}\n\n"
        'resource "openstack_compute_volume_attach_v2" "pg_x" {\n'
        '  instance_id = "server-1"\n'
        "  volume_id   = openstack_blockstorage_volume_v3.pg_x.id\n"
        "}"
    )


@pytest.mark.parametrize("verb", ["extend-volume", "delete-volume", "create-snapshot", "revert-volume"])
def test_a_cloud_that_is_away_for_a_moment_changes_nothing_about_that(
    cloud: FakeCloud, cinder: Cinder, visit: Visit, verb: str
) -> None:
    operation, away = begin(cinder, visit, verb), True
    cloud.mock.register_uri(
        requests_mock.ANY,
        requests_mock.ANY,
        additional_matcher=lambda request: away and request.url.startswith(CINDER),
        status_code=503,
    )
    assert run.turn(operation.pk) is not None
    operation.refresh_from_db()
    assert operation.state == State.RUNNING
    assert cinder.done == []
    away = False
    later(operation, run.SETTLE.total_seconds() + 1)
    one_effect(cinder, go(operation), verb)


def test_volumes_of_nobody_else_are_touched(cinder: Cinder, visit: Visit) -> None:
    cinder.cloud.volumes.append(volume(2))
    free(cinder)
    go(ask(visit, "delete-volume", volume_id="volume-1"))
    assert cinder.has("volume-2")
    assert not any(NOVA in request.url for request in cinder.cloud.mock.request_history)
