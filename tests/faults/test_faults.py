"""Workers are killed at random points, the broker forgets, messages come twice: each operation has one effect.

MESHDECK_FAULTS=full: 200 operations and 100 kills (`make test-faults`); else a short run, as part of `make test`.
"""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psutil
import pytest
from django.utils import timezone
from openstack.connection import Connection

from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations import asking, claims
from projects.refresh import claims as refresh_claims
from projects.refresh import refreshing
from services.block_storage.models import Volume
from services.compute.models import Server
from tests.faults.conftest import Place
from tests.support.workers import Workers, eventually, forget_messages

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.django_db(transaction=True),
    # The SDK warns about its own plans whenever it is started.
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]

FULL = os.environ.get("MESHDECK_FAULTS") == "full"
OPERATIONS, KILLS = (200, 100) if FULL else (16, 8)
SEED = int(os.environ.get("MESHDECK_FAULTS_SEED", "0")) or time.time_ns() % 1_000_000
MARK = "meshdeck-operation"


@dataclass
class Stock:
    """Resources that operations will change, created beforehand with the SDK."""

    servers: list[Any] = field(default_factory=list)
    free: list[Any] = field(default_factory=list)
    attached: list[tuple[Any, Any]] = field(default_factory=list)
    to_delete: list[Any] = field(default_factory=list)
    to_extend: list[Any] = field(default_factory=list)


def stock(sdk: Connection, shares: Counter[str]) -> Stock:
    """Create what the shares need."""
    flavor, image = sdk.compute.find_flavor("m1.tiny"), sdk.image.find_image("cirros-0.6")
    servers = [
        sdk.compute.create_server(name=f"server-{n}", flavor_id=flavor.id, image_id=image.id, networks="none")
        for n in range(2)
    ]
    servers = [sdk.compute.wait_for_server(server, interval=0.3) for server in servers]

    def volumes(kind: str) -> list[Any]:
        made = [sdk.block_storage.create_volume(name=f"{kind}-{n}", size=1) for n in range(shares[kind])]
        return [sdk.block_storage.wait_for_status(one, "available", interval=0.2) for one in made]

    attached = [(volume, servers[n % 2]) for n, volume in enumerate(volumes("detach-volume"))]
    for volume, server in attached:
        sdk.compute.create_volume_attachment(server, volume_id=volume.id)
        sdk.block_storage.wait_for_status(volume, "in-use", interval=0.2)
    return Stock(servers, volumes("attach-volume"), attached, volumes("delete-volume"), volumes("extend-volume"))


def shares() -> Counter[str]:
    """Return how many operations of each kind to run."""
    parts = {
        "create-volume": 0.35,
        "create-and-attach": 0.1,
        "attach-volume": 0.1,
        "detach-volume": 0.1,
        "delete-volume": 0.1,
        "extend-volume": 0.1,
        "reboot-server": 0.05,
        "create-security-group": 0.1,
    }
    return Counter(
        {
            kind: round(part * OPERATIONS)
            for kind, part in parts.items()
            if kind in ACTIONS or kind == "create-and-attach"
        }
    )


def wishes(kinds: Counter[str], things: Stock) -> list[tuple[str, dict[str, Any]]]:
    """Return actions with their params."""
    found: list[tuple[str, dict[str, Any]]] = []
    found += [("create-volume", {"name": f"new-{n}", "size_gb": 1}) for n in range(kinds["create-volume"])]
    found += [
        ("create-volume", {"name": f"both-{n}", "size_gb": 1, "server_id": things.servers[n % 2].id})
        for n in range(kinds["create-and-attach"])
    ]
    found += [
        ("attach-volume", {"volume_id": one.id, "server_id": things.servers[n % 2].id})
        for n, one in enumerate(things.free)
    ]
    found += [("detach-volume", {"volume_id": v.id, "server_id": s.id}) for v, s in things.attached]
    found += [("delete-volume", {"volume_id": one.id}) for one in things.to_delete]
    found += [("extend-volume", {"volume_id": one.id, "size_gb": 2}) for one in things.to_extend]
    found += [
        ("reboot-server", {"server_id": things.servers[n % 2].id, "kind": "hard"})
        for n in range(kinds["reboot-server"])
    ]
    found += [("create-security-group", {"name": f"group-{n}"}) for n in range(kinds["create-security-group"])]
    random.shuffle(found)
    return found


class Killer:
    """Kills, forgets and repeats, at random times."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.kills = 0
        self.worker = workers.start()

    def tend(self) -> None:
        """Restart a worker that has ended, as any supervisor does. A worker whose pool dies young ends itself."""
        if self.worker.poll() is not None:
            self.workers.running.remove(self.worker)
            self.worker = self.workers.start()

    def pool(self) -> list[psutil.Process]:
        """Return the processes that do the work."""
        self.tend()
        return self.workers.children(self.worker)

    def strike(self) -> None:
        """Kill one process: mostly one of the pool, sometimes the whole worker. Now and then the broker too."""
        time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 (no secret)
        self.tend()
        dice = random.random()  # noqa: S311
        if dice < 0.15:
            self.workers.kill(self.worker)
            self.worker = self.workers.start()
        else:
            eventually(self.pool, self.workers.log)
            with contextlib.suppress(psutil.NoSuchProcess, IndexError):  # it ended on its own
                random.choice(self.pool()).send_signal(signal.SIGKILL)  # noqa: S311
        self.kills += 1
        if dice > 0.97:
            forget_messages()
        if dice > 0.9:
            for operation_id in Operation.objects.open().values_list("pk", flat=True)[:5]:
                asking.send(operation_id)
                asking.send(operation_id)


def test_each_operation_has_exactly_one_effect(place: Place, workers: Workers) -> None:
    random.seed(SEED)
    print(f"seed {SEED}")  # noqa: T201 - to do the same again
    kinds = shares()
    things = stock(place.sdk, kinds)
    _refresh(place)
    killer = Killer(workers)
    workers.start_beat()
    wanted = wishes(kinds, things)
    asked: list[Operation] = []
    began = timezone.now()
    for n, (name, params) in enumerate(wanted):
        asked.append(ask(place, name, params, f"wish-{n}", killer))
        if killer.kills * len(wanted) < KILLS * n:
            killer.strike()
    while killer.kills < KILLS:
        killer.strike()
    ids = [operation.pk for operation in asked]

    def ended_all() -> bool:
        killer.tend()
        return not Operation.objects.open().filter(pk__in=ids).exists()

    eventually(ended_all, workers.log, 240)

    ended = Operation.objects.in_bulk(ids)
    wrong = [one for id_ in ids if (one := lie(ended[id_], place.sdk))]
    counted = Counter(one.state for one in ended.values())
    took_over = sum(one.attempts > 1 for one in ended.values())
    print(f"{len(ids)} operations, {killer.kills} kills, {dict(counted)}, {took_over} in several turns")  # noqa: T201
    assert wrong == []
    # Nothing but kills got in the way of any of them.
    assert [told(one) for one in ended.values() if one.state != Operation.State.DONE] == []
    assert counted == {Operation.State.DONE: len(ids)}
    for server in things.servers:
        recorded = [one for one in place.sdk.compute.server_actions(server) if one.action == "reboot"]
        # Nova fails a hard reboot that another one overtakes (UnexpectedTaskStateError): it had no effect.
        reboots = [one for one in recorded if one.message != "Error"]
        mine = [one for one in ended.values() if one.action == "reboot-server" and one.params["server_id"] == server.id]
        assert len(reboots) == len(mine), (began, recorded, [told(one) for one in mine])


def ask(place: Place, name: str, params: dict[str, Any], key: str, killer: Killer) -> Operation:
    """Ask as a person does: again, if a server is just rebooting."""
    made: list[Operation] = []

    def taken() -> bool:
        killer.tend()
        try:
            wanted = ACTIONS[name].params.model_validate(params)
            made.append(asking.ask(place.visit, place.grant.pk, ACTIONS[name], wanted, key=key))
        except asking.RefusedError:
            return False
        return True

    eventually(taken, killer.workers.log)
    return made[0]


def told(operation: Operation) -> str:
    """Describe how an operation ended, for whoever investigates."""
    return (
        f"{operation.action} {operation.params} {operation.state} {operation.code}: {operation.reason} "
        f"[{operation.detail}] after {operation.attempts} turns, {operation.steps} {operation.memory}"
    )


def lie(operation: Operation, sdk: Connection) -> str:
    """Return how the cloud contradicts the operation's state; empty if both agree."""
    check: Callable[[Operation, Connection], bool] | None = _CHECKS.get(operation.action)
    done = operation.state == Operation.State.DONE
    if check is None or check(operation, sdk) is done:
        return ""
    return told(operation)


def _created(operation: Operation, sdk: Connection) -> bool:
    mine = [one for one in sdk.block_storage.volumes() if one.metadata.get(MARK) == operation.pk]
    assert len(mine) <= 1, f"{operation} made {len(mine)} volumes"
    wanted = operation.params["server_id"]
    servers = [attachment["server_id"] for one in mine for attachment in one.attachments]
    return len(mine) == 1 and servers == ([wanted] if wanted else [])


def _attached(operation: Operation, sdk: Connection) -> bool:
    volume = sdk.block_storage.get_volume(operation.params["volume_id"])
    return [one["server_id"] for one in volume.attachments] == [operation.params["server_id"]]


def _detached(operation: Operation, sdk: Connection) -> bool:
    volume = sdk.block_storage.get_volume(operation.params["volume_id"])
    return volume.status == "available" and not volume.attachments


def _deleted(operation: Operation, sdk: Connection) -> bool:
    return sdk.block_storage.find_volume(operation.params["volume_id"]) is None


def _extended(operation: Operation, sdk: Connection) -> bool:
    return sdk.block_storage.get_volume(operation.params["volume_id"]).size == operation.params["size_gb"]


def _grouped(operation: Operation, sdk: Connection) -> bool:
    named = list(sdk.network.security_groups(name=operation.params["name"], project_id=sdk.current_project_id))
    assert len(named) <= 1, f"{operation} made {len(named)} groups"
    return len(named) == 1 and operation.pk not in named[0].description


_CHECKS = {
    "create-volume": _created,
    "attach-volume": _attached,
    "detach-volume": _detached,
    "delete-volume": _deleted,
    "extend-volume": _extended,
    "create-security-group": _grouped,
}


def test_a_dead_workers_operation_is_taken_over_within_half_a_minute(place: Place, workers: Workers) -> None:
    first = workers.start()
    params = ACTIONS["create-volume"].params.model_validate({"name": "left behind", "size_gb": 1})
    eventually(lambda: b"ready" in workers.log.read_bytes(), workers.log)
    for child in workers.children(first):
        child.send_signal(signal.SIGSTOP)  # hangs, so that the claim is held when the kill comes
    operation = asking.ask(place.visit, place.grant.pk, ACTIONS["create-volume"], params)
    claimed = claims.take(operation.pk)
    assert claimed is not None
    workers.kill(first)
    forget_messages()

    workers.start()
    workers.start_beat()
    eventually(lambda: Operation.objects.filter(pk=operation.pk, state=Operation.State.DONE), workers.log)
    operation.refresh_from_db()
    assert claimed.claimed_at is not None
    assert datetime.fromisoformat(operation.steps[0]["began"]) - claimed.claimed_at < timedelta(seconds=30)


def _refresh(place: Place) -> None:
    """Refresh, because the preflight reads the inventory."""
    claim = refresh_claims.take(place.tenant.pk, older_than=timedelta(0))
    assert claim is not None
    refreshing.refresh(place.tenant.pk, place.grant.pk, claim)
    assert Volume.objects.filter(tenant=place.tenant).exists()
    assert Server.objects.filter(tenant=place.tenant).exists()
