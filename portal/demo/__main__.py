"""`make demo`: both clouds, the identity provider and the portal, until Ctrl-C."""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from portal.demo import keys, parts, redis
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.supervisor import Part, Supervisor, Trouble, tail_of
from portal.idp.cast import CAST, PASSWORD
from portal.idp.keys import ensure_signing_key

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOUD_SECONDS = 300


class Stopped(BaseException):
    """Someone asked for the end: Ctrl-C, or a signal."""


class Demo:
    """One run, from the first line on the terminal to the last."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.begun = time.monotonic()
        self.supervisor = Supervisor(layout.run, REPOSITORY)
        self.secrets: dict[str, str] = {}
        self.cloud: subprocess.Popen[str] | None = None
        self.cloud_was_up = False

    def start(self) -> None:
        """Bring everything up. The clouds take longest, so they start first and the rest meanwhile."""
        layout = self.layout
        self.supervisor.end_leftovers()
        for part, port in layout.taken_ports():
            raise Trouble(
                f"Port {port} ({part}) is taken: end what listens there, or run MESHDECK_PORT=9000 make demo."
            )
        redis.executable()
        self.secrets = keys.ensure(layout.state / "demo.env")
        portal = parts.portal_environment(layout, self.secrets)
        provider = parts.idp_environment(layout, self.secrets, ensure_signing_key(layout.state / "idp-signing-key.pem"))
        keys.write(layout.state / "demo.env", self.secrets | portal | {"DEVCLOUD_PORT_BASE": str(layout.cloud_port)})

        self._begin_clouds()
        self._run(parts.redis_part(layout))
        self._manage("databases", provider, ["migrate", "--verbosity", "0"])
        self._manage("demo's people", provider, ["seed_idp"])
        self._run(parts.idp_part(layout, provider))
        self._manage("portal's database", portal, ["migrate", "--verbosity", "0"])
        self._collect_static(portal)
        self._run(parts.web_part(layout, portal))
        self._run(parts.worker_part(layout, portal))
        beat = parts.beat_part(layout, portal)
        self.supervisor.start(beat)
        self._await_clouds()
        for position, (name, address) in enumerate(layout.locations.items()):
            self._manage(f"location {name}", portal, ["add_location", name, address, "--position", str(position)])
        self.supervisor.wait(beat)
        self.say("everything answers")

    def watch(self) -> NoReturn:
        """Until a process ends (Trouble) or someone asks for the end (Stopped)."""
        while True:
            self.supervisor.check()
            time.sleep(0.5)

    def stop(self) -> None:
        """End all that this run has started; clouds that ran before stay."""
        self.supervisor.stop()
        if self.cloud is None:
            return
        if self.cloud.poll() is None:
            self.cloud.send_signal(signal.SIGTERM)
            self.cloud.wait()
        if not self.cloud_was_up:
            subprocess.run(self._devcloud("down"), cwd=REPOSITORY, env=self._cloud_environment(), check=False)

    def say(self, line: str) -> None:
        """One calm line with the seconds since the start."""
        print(f"  {time.monotonic() - self.begun:5.1f} s  {line}", flush=True)

    def _run(self, part: Part) -> None:
        self.supervisor.start(part)
        self.supervisor.wait(part)
        self.say(f"{part.name} runs")

    def _manage(self, what: str, environment: Mapping[str, str], arguments: Sequence[str]) -> None:
        log = self.layout.logs / "manage.log"
        with log.open("ab") as output:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=REPOSITORY,
                env=parts.base_environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise Trouble(f"The {what} could not be set up (manage.py {arguments[0]}).", log)
        self.say(f"{what} set up")

    def _collect_static(self, environment: Mapping[str, str]) -> None:
        """Compress and name the static files; it takes seconds, so only when one of them changed."""
        mark = self.layout.state / "static-collected"
        wanted = fingerprint([REPOSITORY / "requirements.lock", REPOSITORY / "portal/static.py", REPOSITORY / "static"])
        if mark.exists() and mark.read_text() == wanted:
            return
        self._manage("portal's files", environment, ["collectstatic", "--noinput", "--clear", "--verbosity", "0"])
        mark.write_text(wanted)

    def _devcloud(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "devcloud", *arguments]

    def _cloud_environment(self) -> dict[str, str]:
        return parts.base_environment() | {
            "MESHDECK_STATE": str(self.layout.state),
            "DEVCLOUD_PORT_BASE": str(self.layout.cloud_port),
        }

    def _begin_clouds(self) -> None:
        status = subprocess.run(
            self._devcloud("status"), cwd=REPOSITORY, env=self._cloud_environment(), capture_output=True, check=False
        )
        self.cloud_was_up = status.returncode == 0
        log = self.layout.logs / "devcloud.log"
        with log.open("w") as output:
            self.cloud = subprocess.Popen(
                self._devcloud("up", "--issuer", self.layout.issuer),
                cwd=REPOSITORY,
                env=self._cloud_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )

    def _await_clouds(self) -> None:
        log, told = self.layout.logs / "devcloud.log", 0
        deadline = time.monotonic() + CLOUD_SECONDS
        assert self.cloud is not None  # noqa: S101 - begun before
        while True:
            ended = self.cloud.poll()
            lines = log.read_text().splitlines()
            for line in lines[told:]:
                self.say(line.removeprefix("devcloud: "))
            told = len(lines)
            if ended == 0:
                return
            if ended is not None or time.monotonic() > deadline:
                raise Trouble("The clouds did not come up.", log)
            self.supervisor.check()
            time.sleep(0.1)


def fingerprint(paths: Sequence[Path]) -> str:
    """Changes with the content of any of the files, or of the files in the folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


@contextmanager
def only_one(layout: Layout) -> "Iterator[None]":
    """Hold the lock of this state folder; raises Trouble when another demo does."""
    with (layout.run / "demo.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Trouble(f"It runs already (process {file.read()}): {layout.url}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def welcome(layout: Layout) -> str:
    """What to do now."""
    people = ", ".join(person.username for person in CAST)
    return f"""
Meshdeck is ready: {layout.url}
  Log in as {people}; the password is {PASSWORD}.
  Identity provider  {layout.issuer}
  Locations          {", ".join(f"{name} {url}" for name, url in layout.locations.items())}
  openstack command  {layout.state}/devcloud/clouds.yaml, or: eval "$(python3 -m devcloud env north --user member)"
  Logs               {layout.logs}
Ctrl-C stops everything.
"""


def _stop(_number: int, _frame: Any) -> NoReturn:
    _deafen()
    raise Stopped


def _deafen() -> None:
    """A second Ctrl-C must not cut the tidying short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    """0 after Ctrl-C, 1 when something failed or a process died."""
    layout = Layout.from_environment()
    for folder in (layout.state, layout.logs, layout.run):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    demo = Demo(layout)
    try:
        with only_one(layout):
            try:
                demo.start()
                print(welcome(layout), flush=True)
                demo.watch()
            finally:
                _deafen()
                print("Stopping…", flush=True)
                demo.stop()
    except (Trouble, redis.NoRedis) as trouble:
        print(f"make demo: {trouble}", file=sys.stderr)
        return 1
    except Stopped:
        print("All is stopped; the data stay in", layout.state)
        return 0


if __name__ == "__main__":
    sys.exit(main())
