"""Time from the click to the cloud's acceptance, compared with a warm openstacksdk call for the same change.

Both are measured in turn. The click is the POST of the page's form, sent to the web server on a kept-alive connection.
The cloud's acceptance is the time in the operation's row; openstacksdk's is the return of its call.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.forms import Form, Pages
from bench.ground import Ground, say, wait_for
from bench.load import Timing
from projects.models import Operation
from projects.models.operation import OPEN

ROUNDS = 24
# No polling for this long after a click, so that it does not slow the click down.
_QUIET = 0.3


class Clicks:
    """Sends forms and follows the operations that they start."""

    def __init__(self, base: str, ground: Ground) -> None:
        self.pages, self.ground = Pages(base, ground.cookie), ground

    def form(self, address: str, action: str = "") -> Form:
        """Return a form of one of the tenant's pages."""
        form = self.pages.form(self.ground.page + address, action or address)
        self.ground.rest()  # the page may have started a refresh, which would be over before a person clicks
        return form

    def send(self, form: Form) -> float:
        """Return the seconds until the cloud accepted the form's change. The operation has ended by then."""
        sent, place = self.pages.send(form)
        time.sleep(_QUIET)
        (operation_id,) = re.findall(r"op-\w+", place)
        ended = Operation.objects.exclude(state__in=OPEN).filter(pk=operation_id)
        operation: Operation = wait_for(ended.first)
        if operation.accepted_at is None or operation.state != Operation.State.DONE:
            raise RuntimeError(f"{operation} {operation.reason} {operation.detail}")
        return operation.accepted_at.timestamp() - sent


@dataclass(frozen=True)
class Duel:
    """The same change both ways: seconds of ours and of openstacksdk. Each leaves the cloud idle."""

    ours: Callable[[int], float]
    theirs: Callable[[int], float]


def measure(base: str, ground: Ground) -> dict[str, Any]:
    """Return the milliseconds of each and the ratio of the medians."""
    clicks = Clicks(base, ground)
    return {
        name: _fight(name, duel, ground)
        for prepare in (_create, _attach, _groups)
        for name, duel in prepare(clicks, ground).items()
    }


def _fight(name: str, duel: Duel, ground: Ground) -> dict[str, Any]:
    ours: list[float] = []
    theirs: list[float] = []
    for n in range(-2, ROUNDS):  # two to warm up
        # Alternate the order: the first one inherits what the other has left behind.
        for seconds, one in ((ours, duel.ours), (theirs, duel.theirs))[:: 1 if n % 2 else -1]:
            ground.rest()
            took = one(n)
            if n >= 0:
                seconds.append(took)
    mine, its = Timing.of(ours, 0), Timing.of(theirs, 0)
    result = {"p50": mine.p50, "p95": mine.p95, "sdk_p50": its.p50, "sdk_p95": its.p95}
    result["ratio"] = round(mine.p50 / its.p50, 2)
    say(f"{name}: {result}")
    return result


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = call()
    return time.perf_counter() - begun, answer


def _create(clicks: Clicks, ground: Ground) -> dict[str, Duel]:
    ground.learn()

    def ours(n: int) -> float:
        form = clicks.form("volumes/create/")
        form.fill("name", f"ours-{n}")
        form.fill("size_gb", "1")
        return clicks.send(form)

    def theirs(n: int) -> float:
        storage = ground.sdk.block_storage
        took, volume = _timed(lambda: storage.create_volume(name=f"theirs-{n}", size=1))
        storage.wait_for_status(volume, "available", interval=0.1)
        return took

    return {"create volume": Duel(ours, theirs)}


def _attach(clicks: Clicks, ground: Ground) -> dict[str, Duel]:
    free = ground.volumes("free", 2 * (ROUNDS + 2))
    ground.learn()

    def ours(n: int) -> float:
        form = clicks.form(f"servers/{ground.servers[n % 2].id}/", "do/attach-volume/")
        form.fill("volume_id", free.pop().id)
        return clicks.send(form)

    def theirs(n: int) -> float:
        volume, server = free.pop(), ground.servers[2 + n % 2]
        took, _ = _timed(lambda: ground.sdk.compute.create_volume_attachment(server, volume_id=volume.id))
        ground.sdk.block_storage.wait_for_status(volume, "in-use", interval=0.1)
        return took

    return {"attach volume": Duel(ours, theirs)}


def _groups(clicks: Clicks, ground: Ground) -> dict[str, Duel]:
    """Compare with both ways of the SDK: nova's "add security group", and what nova turns that into in neutron."""
    (group,) = ground.groups("added", 1)
    mine, other = ground.servers[:2]
    port = ground.port(other)
    has = list(port.security_group_ids)
    ground.learn()

    def ours(_: int) -> float:
        form = clicks.form(f"servers/{mine.id}/", "/groups/")
        form.fields.append(("group_ids", group.id))
        took = clicks.send(form)
        form = clicks.form(f"servers/{mine.id}/", "/groups/")
        form.fields.remove(("group_ids", group.id))
        clicks.send(form)
        return took

    def by_nova(_: int) -> float:
        took, _answer = _timed(lambda: ground.sdk.compute.add_security_group_to_server(other, group))
        ground.sdk.network.update_port(port.id, security_groups=has)
        return took

    def by_neutron(_: int) -> float:
        took, _answer = _timed(lambda: ground.sdk.network.update_port(port.id, security_groups=[*has, group.id]))
        ground.sdk.network.update_port(port.id, security_groups=has)
        return took

    return {"add security group": Duel(ours, by_nova), "the same by neutron alone": Duel(ours, by_neutron)}
