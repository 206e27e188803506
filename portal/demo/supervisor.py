"""Processes that stand and fall together."""

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
    """Something that ends the start, told in one line, with the end of a log where there is one."""

    def __init__(self, line: str, log: Path | None = None) -> None:
        tail = f"\n{tail_of(log)}\nThe whole of it is in {log}" if log else ""
        super().__init__(line + tail)


@dataclass(frozen=True)
class Part:
    """A process to be: its name for people, its command, and how to tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    seconds: float = 60


@dataclass
class Supervisor:
    """Starts parts, watches them, and stops them in the reverse order.

    Each process holds a lock that it inherits, on a file with its process id. What a killed supervisor has left behind
    is found by it and ended at the next start; a process id that somebody else got meanwhile never is.
    """

    run: Path
    folder: Path
    running: list[tuple[Part, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def end_leftovers(self) -> None:
        """End what an earlier supervisor of this folder could not stop any more."""
        for lock_file in self.run.glob("*.pid"):
            if lock_file.name != "demo.pid":
                end_leftover(lock_file)

    def start(self, part: Part) -> None:
        """Start a part; `wait` tells when it is ready."""
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
                # A group of its own: Ctrl-C on the terminal reaches the supervisor alone, which stops all in order.
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
            lock.write(str(process.pid))
        self.running.append((part, process))

    def wait(self, part: Part) -> None:
        """Return when the part is ready; raises Trouble when it ends or stays silent."""
        deadline = time.monotonic() + part.seconds
        while not part.ready():
            self.check()
            if time.monotonic() > deadline:
                raise Trouble(f"The {part.name} is not ready after {part.seconds:.0f} s.", part.log)
            time.sleep(0.05)

    def check(self) -> None:
        """Raises Trouble when one of the processes has ended."""
        for part, process in self.running:
            if (code := process.poll()) is not None:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise Trouble(f"The {part.name} {how}.", part.log)

    def stop(self) -> None:
        """Ask all to end, and kill what has not after a while; what was started first, Redis, is needed to the end."""
        first, rest = self.running[:1], self.running[1:]
        for wave in (rest, first):
            with ThreadPoolExecutor() as pool:
                for _, process in wave:
                    pool.submit(_end, process.pid, partial(_has_ended, process))
        self.running.clear()


def end_leftover(lock_file: Path) -> None:
    """End the process that holds the lock of this file, if one does."""
    if not lock_file.exists():
        return
    with lock_file.open() as file:
        if _is_free(file.fileno()):
            return
        pid = int(file.read() or 0)
        if pid:
            _end(pid, lambda: _is_free(file.fileno()))


def tail_of(log: Path, lines: int = 12) -> str:
    """The end of a log, indented; empty when there is none."""
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
            # The leader alone is asked, as it sees to its own children; the whole group is killed.
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
