"""The three ways to send something to a cloud, each with one effect wherever the worker dies.

All actions change clouds by one of the three, so here a worker dies at each write to the database and at each request
in turn: before it, after it, or while the request is still on its way. The actions are toys that do nothing else. What
an action does between its changes is tried with deaths at the changes alone (deaths.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.db import connection, transaction
from django.utils import timezone

from clouds.openstack.services import Service
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params
from projects.models import Operation
from projects.operations import claims, sending
from projects.operations import turn as turns
from projects.operations.run import Run
from projects.outcomes import Done, Outcome, Step, Thing, Wait
from tests.unit.clouds_fake import NOVA, FakeCloud
from tests.unit.nova_fake import Killed
from tests.unit.running import ask
from tests.unit.servers_cast import member_of
from tests.unit.volumes_cast import inventory

pytestmark = pytest.mark.django_db

State = Operation.State
TOYS, LAMP, BELL = f"{NOVA}/toys", f"{NOVA}/lamp", f"{NOVA}/bell"
# What a death is told by: of what, the how many-th, and when.
Death = tuple[str, int, str]
# Sent late in a turn: whoever takes over comes when it may still arrive. And when it can't any more.
SOON, LONG_AFTER = sending.SETTLE.total_seconds() - turns.TURN, sending.SETTLE.total_seconds() + 1
WHENS = [("write", "before"), ("write", "after"), ("request", "before"), ("request", "after"), ("request", "late")]


class Toy(Action[Params]):
    """What is the same for all three."""

    params = Params
    label = "Toy"
    icon = "box"
    services = ()

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return "Toy"

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return "Toy"

    def things(self, params: Params) -> Sequence[Thing]:
        return ()

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("play", "Play", "Played"),)


class Create(Toy):
    """Makes a thing that carries the operation's mark."""

    name = "toy-create"

    def step(self, run: Run, params: Params) -> Outcome:
        made = run.create_once(
            "toy",
            lambda: [one["id"] for one in _told(run, "GET", TOYS)["toys"] if one["mark"] == run.mark],
            lambda: str(_told(run, "POST", TOYS, mark=run.mark)["id"]),
        )
        return Done() if made else Wait(2)


class Switch(Toy):
    """Does something that can be seen when it has happened."""

    name = "toy-switch"

    def step(self, run: Run, params: Params) -> Outcome:
        if _told(run, "GET", LAMP)["on"]:
            return Done()
        run.send("switched", lambda: _told(run, "PUT", LAMP))
        return Wait(0)


class Ring(Toy):
    """Does something that only a record tells of."""

    name = "toy-ring"

    def step(self, run: Run, params: Params) -> Outcome:
        wait = run.send_once(
            "rung",
            "bell",
            record=lambda: {"rung": self._rung(run)},
            arrived=lambda record: self._rung(run) > record["rung"],
            send=lambda: _told(run, "POST", BELL),
        )
        return wait or Done()

    @staticmethod
    def _rung(run: Run) -> int:
        return int(_told(run, "GET", BELL)["rung"])


def _told(run: Run, method: str, url: str, **json: Any) -> Any:
    return run.cloud.http.request(Service.COMPUTE, method, url, json=json or None, authenticated=True).json()


class Room:
    """The toys' cloud. A request that is late is done when `arrive` is called."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.toys: list[dict[str, str]] = []
        self.on = False
        self.switched = self.rung = 0
        self.late: list[Callable[[], object]] = []
        # The death that is to come, and how many requests and writes there were.
        self.dies: Death | None = None
        self.count = {"write": 0, "request": 0}
        # How long ago something was sent when another worker takes over.
        self.sent_ago = SOON
        self.mock = cloud.mock
        self._serve("GET", TOYS, lambda _: {"toys": self.toys})
        self._serve("POST", TOYS, self._create)
        self._serve("GET", LAMP, lambda _: {"on": self.on})
        self._serve("PUT", LAMP, self._switch)
        self._serve("GET", BELL, lambda _: {"rung": self.rung})
        self._serve("POST", BELL, self._ring)

    def arrive(self) -> None:
        """Return what was on its way arrives."""
        while self.late:
            self.late.pop()()

    def all_lived(self) -> bool:
        """Whether it never came to the death."""
        return self.dies is not None

    def at(self, what: str, when: str) -> bool:
        """Whether it is the moment of the death."""
        if self.dies != (what, self.count[what], when):
            return False
        self.dies = None
        return True

    def write(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Return a statement to the database, for Django's `execute_wrapper`."""
        if not sql.startswith(("INSERT", "UPDATE", "DELETE")):
            return execute(sql, *rest)
        self.count["write"] += 1
        if self.at("write", "before"):
            raise Killed
        answer = execute(sql, *rest)
        if self.at("write", "after"):
            raise Killed
        return answer

    def _serve(self, method: str, url: str, do: Callable[[Any], Any]) -> None:
        def answer(request: Any, _context: Any) -> Any:
            self.count["request"] += 1
            if self.at("request", "late"):
                self.late.append(lambda: do(request))
                raise Killed
            if self.at("request", "before"):
                raise Killed
            told = do(request)
            if self.at("request", "after"):
                raise Killed
            return told

        self.mock.register_uri(method, url, json=answer)

    def _create(self, request: Any) -> Any:
        toy = {"id": f"toy-{len(self.toys)}", "mark": request.json()["mark"]}
        self.toys.append(toy)
        return toy

    def _switch(self, _request: Any) -> Any:
        self.switched += not self.on
        self.on = True
        return {"on": True}

    def _ring(self, _request: Any) -> Any:
        self.rung += 1
        return {}


@pytest.fixture
def cloud(requests_mock: requests_mock.Mocker) -> Iterator[FakeCloud]:
    with ACTIONS.having(Create(), Switch(), Ring()):
        yield FakeCloud(requests_mock)


@pytest.fixture
def visit(cloud: FakeCloud) -> Visit:
    return member_of(inventory(cloud))


@contextmanager
def another_room(cloud: FakeCloud) -> Iterator[Room]:
    """Return a new cloud, and a database that is as it was before when it is over."""
    with transaction.atomic():
        yield Room(cloud)
        transaction.set_rollback(True)


def age(operation: Operation, claim: float, sent: float) -> None:
    """So many seconds pass for the claim, and for what was sent."""
    operation.refresh_from_db()
    ago = timedelta(seconds=sent)
    memory = {
        key: (datetime.fromisoformat(value) - ago).isoformat() if key.endswith("_sent_at") and value else value
        for key, value in operation.memory.items()
    }
    claimed_at = operation.claimed_at and operation.claimed_at - timedelta(seconds=claim)
    Operation.objects.filter(pk=operation.pk).update(memory=memory, claimed_at=claimed_at)


def turn(room: Room, operation: Operation) -> bool:
    """One turn of a worker. True: it wants another. It may die, and then its claim ends."""
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    try:
        with connection.execute_wrapper(room.write):
            return turns.turn(operation.pk) is not None
    except Killed:
        age(operation, claims.LEASE.total_seconds() + 1, room.sent_ago)
        return True


def go(room: Room, *operations: Operation) -> None:
    """Return what workers do, while time passes. What was on its way arrives when the next worker has looked once."""
    for number in range(20):
        waiting = [turn(room, one) for one in operations]
        if number:
            room.arrive()
            for one in operations:
                age(one, 0, turns.TURN + 1)
        if not any(waiting):
            break
    for one in operations:
        one.refresh_from_db()


@pytest.mark.parametrize(
    ("what", "when", "sent_ago"),
    [(*one, SOON) for one in WHENS] + [(*one, LONG_AFTER) for one in WHENS if one[1] != "late"],
)
@pytest.mark.parametrize("toy", ["toy-create", "toy-switch", "toy-ring"])
def test_there_is_one_effect_wherever_the_worker_dies(
    cloud: FakeCloud, visit: Visit, toy: str, what: str, when: str, sent_ago: float
) -> None:
    deaths = 0
    for number in range(1, 40):
        with another_room(cloud) as room:
            operation = ask(visit, toy)
            room.sent_ago = sent_ago
            room.dies = (what, number, when)
            go(room, operation)
            assert operation.state == State.DONE, (number, operation.reason)
            assert len(room.toys) + room.switched + room.rung == 1, number
            if room.all_lived():
                break
            deaths += 1
    else:
        pytest.fail("it never came to an end")
    assert deaths >= (5 if what == "write" else 1)


@pytest.mark.parametrize(("what", "when"), WHENS)
def test_two_that_only_a_record_tells_of_are_two_wherever_both_die(
    cloud: FakeCloud, visit: Visit, what: str, when: str
) -> None:
    """Whoever looks at the record never takes the other's for its own."""
    for first in range(1, 40):
        for second, later in ((n, w) for n in range(1, 4) for w in ("before", "after")):
            with another_room(cloud) as room:
                both = ask(visit, "toy-ring"), ask(visit, "toy-ring")
                room.dies = (what, first, when)
                turn(room, both[0])
                lived = room.all_lived()
                room.count["request"], room.dies = 0, ("request", second, later)
                turn(room, both[1])
                room.dies = None
                go(room, *both)
                assert [one.state for one in both] == [State.DONE, State.DONE], (first, second, later)
                assert room.rung == 2, (first, second, later)
        if lived:
            return
    pytest.fail("it never came to an end")
