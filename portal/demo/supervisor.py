"""Processes that start and stop together."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

STOP_SECONDS = 15


class Trouble(Exception):
    """A failure that ends the start, in one line, with the end of a log if there is one."""

    def __init__(self, line: str, log: Path | None = None) -> None:
        tail = f"\n{tail_of(log)}\nThe full log is {log}" if log else ""
        super().__init__(line + tail)


@dataclass(frozen=True)
class Part:
    """A process to run: its name for people, its command, and how to tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    seconds: float = 60


@dataclass
class Supervisor:
    """Starts parts, watches them, and stops them in reverse order.

    Each process inherits a lock on a file that holds its process id. The next start uses the lock to find and end what
    a killed supervisor has left behind, and never a process that has been given the same id since.
    """

    run: Path
    folder: Path
    running: list[tuple[Part, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def end_leftovers(self) -> None:
        """End what an earlier supervisor of this folder could not stop."""
        for lock_file in self.run.glob("*.pid"):
            if lock_file.name != "demo.pid":
                end_leftover(lock_file)

    def start(self, part: Part) -> None:
        """Start a part; `wait` returns when it is ready."""
        lock_file = self.run / f"{part.name.replace(' ', '-')}.pid"
        end_leftover(lock_file)
        with part.log.open("ab") as log, lock_file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen(
                part.command,
                env=dict(part.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A process group of its own: Ctrl-C on the terminal reaches only the supervisor, which stops everything
                # in order.
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
            lock.write(str(process.pid))
        self.running.append((part, process))

    def wait(self, part: Part) -> None:
        """Wait until the part is ready. Raises Trouble if it ends or takes too long."""
        deadline = time.monotonic() + part.seconds
        while not part.ready():
            self.check()
            if time.monotonic() > deadline:
                raise Trouble(f"The {part.name} is not ready after {part.seconds:.0f} s.", part.log)
            time.sleep(0.05)

    def check(self) -> None:
        """Raise Trouble if one of the processes has ended."""
        for part, process in self.running:
            if (code := process.poll()) is not None:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise Trouble(f"The {part.name} {how}.", part.log)

    def stop(self) -> None:
        """Ask all processes to end and kill those that don't in time. Redis, started first, is stopped last."""
        first, rest = self.running[:1], self.running[1:]
        for wave in (rest, first):
            with ThreadPoolExecutor() as pool:
                for _, process in wave:
                    pool.submit(_end, process.pid, partial(_has_ended, process))
        self.running.clear()


def end_leftover(lock_file: Path) -> None:
    """End the process that holds the lock of this file, if any."""
    if not lock_file.exists():
        return
    with lock_file.open() as file:
        if _is_free(file.fileno()):
            return
        pid = int(file.read() or 0)
        if pid:
            _end(pid, lambda: _is_free(file.fileno()))


def tail_of(log: Path, lines: int = 12) -> str:
    """Return the end of a log, indented; empty if there is none."""
    if not log.exists():
        return ""
    return "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() is not None


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _end(group: int, ended: Callable[[], bool]) -> None:
    for which in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            # Only the leader gets SIGTERM and stops its own children; SIGKILL goes to the whole group.
            if which == signal.SIGTERM:
                os.kill(group, which)
            else:
                os.killpg(group, which)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if ended():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)  # children of a leader that was killed
                return
            time.sleep(0.05)
