"""Start, find and stop the processes of a location.

Each process holds a lock on a file with its process id for as long as it lives, however it ends. A stale file, or a
process id that has been reused, is therefore never mistaken for a running service.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from devcloud.layout import ENVIRONMENT, PID_FORMAT, REPOSITORY, Location, Service
from devcloud.trouble import Trouble

STOP_SECONDS = 10
HEALTH_TIMEOUT = 5


@dataclass(frozen=True)
class Process:
    """One service of one location, running or not."""

    location: Location
    service: Service

    @property
    def pid_file(self) -> Path:
        return self.location.run / f"{self.service.name}.pid"

    @property
    def ready_file(self) -> Path:
        return self.location.run / f"{self.service.name}.ready"

    @property
    def output(self) -> Path:
        """What the process prints; its real log is beside it."""
        return self.location.log / f"{self.service.name}.out"

    def pid(self) -> int | None:
        """Return the process id while the process is running."""
        try:
            with self.pid_file.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(file.read() or 0) or None
        except FileNotFoundError:
            pass
        return None

    def _take_lock(self) -> int:
        """Open and lock the file with the process id; return its descriptor."""
        descriptor = os.open(self.pid_file, os.O_RDWR | os.O_CREAT, 0o600)
        # `status` in another terminal may hold the lock for a moment.
        for _ in range(20):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.05)
        else:
            os.close(descriptor)
            raise Trouble(f"{self.location.name}: {self.service.name} was started by someone else just now")
        os.ftruncate(descriptor, 0)
        return descriptor

    def is_ready(self) -> bool:
        pid = self.pid()
        try:
            return pid is not None and self.ready_file.read_text() == str(pid) and self.answers()
        except FileNotFoundError:
            return False

    def answers(self) -> bool:
        """Return whether the service answers HTTP within a few seconds."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.location.port(self.service.name), timeout=HEALTH_TIMEOUT
        )
        try:
            connection.request("GET", "/info" if self.service.name == "swift" else "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def ask_to_stop(self) -> None:
        pid = self.pid()
        if pid:
            _signal(pid, signal.SIGTERM)
            # A frozen process gets no other signal before this one.
            _signal(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the process: politely for the first ten seconds, then by force."""
        self.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while (pid := self.pid()) is not None:
            if time.monotonic() > deadline:
                _signal(pid, signal.SIGKILL)
            time.sleep(0.02)
        self.ready_file.unlink(missing_ok=True)

    def memory(self) -> int:
        """Return the resident memory in bytes, 0 if it is not running."""
        pid = self.pid()
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return 0
        lines = (line.split() for line in status.splitlines())
        return next((int(line[1]) * 1024 for line in lines if line[0] == "VmRSS:"), 0)

    def last_words(self) -> str:
        """Return the last line it printed, which may explain why it ended."""
        return last_line(self.output)


def start(processes: list[Process]) -> None:
    """Start the processes.

    The same service of several locations comes from one process, which loads the code once and forks: that halves the
    processor time and shares the memory.
    """
    by_service: dict[str, list[Process]] = {}
    for process in processes:
        by_service.setdefault(process.service.name, []).append(process)
    for service, group in by_service.items():
        locks = [process._take_lock() for process in group]
        arguments = []
        for process, lock in zip(group, locks, strict=True):
            process.ready_file.unlink(missing_ok=True)
            process.output.write_text("")
            arguments += [*process.location.arguments(), str(lock), str(process.output)]
        with group[0].output.open("w") as output:
            loader = subprocess.Popen(
                [str(ENVIRONMENT / "bin/python"), "-m", "devcloud.services", service, *arguments],
                # Children inherit the lock together with the open file.
                pass_fds=locks,
                env=child_environment(),
                cwd=group[0].location.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        for lock in locks:
            # Until the service has a process of its own and writes its own id.
            os.pwrite(lock, PID_FORMAT.format(loader.pid).encode(), 0)
            os.close(lock)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def last_line(file: Path) -> str:
    try:
        lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
    except FileNotFoundError:
        return "it printed nothing"
    return lines[-1].strip() if lines else "it printed nothing"


def child_environment() -> dict[str, str]:
    """Return the environment for everything that runs inside the virtual environment."""
    environment = {
        name: value
        for name, value in os.environ.items()
        # OS_* would be read as settings of the services; a proxy can't reach this machine's loopback. Without bytecode
        # each start would compile half a gigabyte of Python.
        if not name.startswith("OS_")
        and name.lower() not in ("http_proxy", "https_proxy", "all_proxy")
        and name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "VIRTUAL_ENV")
    }
    return environment | {
        # `plugins` holds the entry points by which Neutron finds our drivers.
        "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'devcloud/plugins'}",
        "PYTHONWARNINGS": "ignore",
        # glibc's arena per thread would cost a third more memory.
        "MALLOC_ARENA_MAX": "2",
    }
