"""Queue many operations at once, compared with a plain openstacksdk script with the same number of threads."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from bench.ground import Ground, say, wait_for
from projects.actions import ACTIONS
from projects.models import Operation
from projects.operations import asking

MANY = 100
ROUNDS = 3
# How often the script checks whether a volume is ready: as often as an operation does.
LOOKS = 0.3


def measure(ground: Ground, concurrency: int) -> dict[str, Any]:
    """Return the volumes per second of both, as medians of several alternating rounds, and the ratio."""
    ours, theirs = [], []
    for n in range(ROUNDS):
        ground.rest()
        ours.append(MANY / _operations(ground, n))
        ground.rest()
        theirs.append(MANY / _script(ground, n, concurrency))
        say(f"volumes per second: {ours[-1]:.1f}, script {theirs[-1]:.1f}")
    mine, its = statistics.median(ours), statistics.median(theirs)
    return {"many": MANY, "per_second": round(mine, 1), "sdk_per_second": round(its, 1), "ratio": round(mine / its, 2)}


def _operations(ground: Ground, round_: int) -> float:
    """Return the seconds from the first requested operation to the end of the last."""
    action = ACTIONS["create-volume"]
    asked = []
    for n in range(MANY):
        params = action.params.model_validate({"name": f"queued-{round_}-{n}", "size_gb": 1})
        asked.append(asking.ask(ground.visit, ground.grant, action, params))
    ids = [one.pk for one in asked]
    wait_for(lambda: _all_ended(ids), 300)
    ended = Operation.objects.filter(pk__in=ids)
    if wrong := ended.exclude(state=Operation.State.DONE).first():
        raise RuntimeError(f"{wrong} {wrong.reason} {wrong.detail}")
    last = max(one.ended_at for one in ended if one.ended_at)
    _remove(ground, f"queued-{round_}-")
    return (last - asked[0].asked_at) / timedelta(seconds=1)


def _all_ended(ids: list[str]) -> bool:
    time.sleep(0.5)  # polling costs processor time
    return not Operation.objects.open().filter(pk__in=ids).exists()


def _script(ground: Ground, round_: int, concurrency: int) -> float:
    storage = ground.sdk.block_storage

    def make(n: int) -> None:
        volume = storage.create_volume(name=f"script-{round_}-{n}", size=1)
        storage.wait_for_status(volume, "available", interval=LOOKS)

    begun = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(make, range(MANY)))
    took = time.perf_counter() - begun
    _remove(ground, f"script-{round_}-")
    return took


def _remove(ground: Ground, name: str) -> None:
    """Delete the volumes, so that each round begins with the same number."""
    storage = ground.sdk.block_storage
    gone = [one for one in storage.volumes(details=False) if one.name.startswith(name)]
    for volume in gone:
        storage.delete_volume(volume)
    for volume in gone:
        storage.wait_for_delete(volume, interval=0.1)
    ground.learn()
