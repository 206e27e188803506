"""The demo's clouds, started by `python -m devcloud` beside everything else."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from portal.demo import parts
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.supervisor import Trouble

SECONDS = 300


class Clouds:
    """Both locations. They are stopped with the demo, unless they were already running."""

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self.layout = layout
        self.say = say
        self.starting: subprocess.Popen[bytes] | None = None
        self.were_up = False

    def begin(self) -> None:
        """Start the clouds without waiting."""
        self.were_up = self._devcloud("status").returncode == 0
        with self._log.open("w") as output:
            self.starting = subprocess.Popen(
                self._command("up", "--issuer", self.layout.issuer),
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, check: Callable[[], None]) -> None:
        """Pass on the clouds' output until they are up; `check` may raise meanwhile. Raises Trouble."""
        if self.starting is None:
            raise RuntimeError("begin() comes first")
        told, deadline = 0, time.monotonic() + SECONDS
        while True:
            code = self.starting.poll()
            lines = self._log.read_text().splitlines()
            if code not in (0, None) or time.monotonic() > deadline:
                raise Trouble("The clouds did not start.", self._log)
            for line in lines[told:]:
                self.say(line)
            told = len(lines)
            if code == 0:
                return
            check()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the clouds that this run has started."""
        if self.starting is None:
            return
        if self.starting.poll() is None:
            self.starting.send_signal(signal.SIGINT)
            self.starting.wait()
        if not self.were_up:
            self._devcloud("down")

    @property
    def _log(self) -> Path:
        return self.layout.logs / "devcloud.log"

    @property
    def _environment(self) -> dict[str, str]:
        return parts.base_environment() | {
            "MESHDECK_STATE": str(self.layout.state),
            "DEVCLOUD_PORT_BASE": str(self.layout.cloud_port),
        }

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "devcloud", *arguments]

    def _devcloud(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            self._command(*arguments), cwd=REPOSITORY, env=self._environment, capture_output=True, check=False
        )
