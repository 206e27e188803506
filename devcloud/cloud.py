"""One location as a whole: up, down, reset, and what state it is in."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devcloud import cast, configuration, data, issuers, ports
from devcloud.layout import ENVIRONMENT, SERVICES, Location
from devcloud.locks import exclusive
from devcloud.processes import Process, child_environment, last_line
from devcloud.trouble import Trouble

START_SECONDS = 180
ALL = frozenset(SERVICES)


@dataclass(frozen=True)
class Cloud:
    location: Location
    say: Callable[[str], None]

    def processes(self, names: frozenset[str] = ALL) -> list[Process]:
        return [Process(self.location, service) for service in SERVICES.values() if service.name in names]

    def lock(self):
        return exclusive(self.location.folder / "command.lock", self.location.name, self.say)

    def up(self, wanted_issuers: list[str] | None, names: frozenset[str] = ALL) -> None:
        """Bring these services up, whatever state the location is in."""
        started = time.monotonic()
        with self.lock():
            self._check_address()
            trusted = wanted_issuers or issuers.recorded(self.location) or [cast.DEFAULT_ISSUER]
            changed = trusted != issuers.recorded(self.location)
            if not self.location.whole_mark.exists():
                # Never filled, or a seeding or a reset was cut short.
                self._stop(ALL)
                self._fill_and_start(trusted)
                missing = self.processes()
            else:
                missing = self._missing(names)
                self._start(missing)
                if changed and "keystone" in names:
                    issuers.apply(self.location, trusted)
                    self.say(f"trusts {', '.join(trusted)} now")
        if missing:
            which = "" if len(missing) == len(ALL) else f" ({', '.join(p.service.name for p in missing)})"
            self.say(f"is up after {time.monotonic() - started:.1f} s{which}: {self.location.auth_url}")
        elif not changed:
            self.say(f"is up already: {self.location.auth_url}")

    def down(self, names: frozenset[str] = ALL) -> None:
        if not self.location.folder.exists():
            self.say("was never up")
            return
        with self.lock():
            stopped = self._stop(names)
        self.say(f"stopped {', '.join(stopped)}" if stopped else "is down already")

    def reset(self) -> None:
        """Bring back the seeded state, and start."""
        started = time.monotonic()
        with self.lock():
            self._check_address()
            self._stop(ALL)
            self._fill_and_start(issuers.recorded(self.location) or [cast.DEFAULT_ISSUER])
        self.say(f"is as seeded after {time.monotonic() - started:.1f} s: {self.location.auth_url}")

    def status(self) -> dict[str, Any]:
        """All that a test or a person needs to know; memory in bytes."""
        location = self.location
        services = {}
        for process in self.processes():
            pid = process.pid()
            services[process.service.name] = {
                "kind": process.service.kind,
                "url": location.url(process.service.name),
                "pid": pid,
                "ready": pid is not None and process.is_ready(),
                "memory": process.memory(),
            }
        return {
            "up": all(service["ready"] for service in services.values()) and location.whole_mark.exists(),
            "region": location.name,
            "auth_url": location.auth_url,
            "issuers": issuers.recorded(location) or [],
            "folder": str(location.folder),
            "memory": sum(service["memory"] for service in services.values()),
            "services": services,
        }

    def _check_address(self) -> None:
        """The data hold their own path and ports: a catalog that points elsewhere would be no help to anyone."""
        data.check_disk(self.location)
        address = self.location.folder / "address"
        here = f"{self.location.folder} {self.location.port_base}"
        if not address.exists():
            address.write_text(here)
        elif (there := address.read_text()) != here:
            raise Trouble(
                f"{self.location.name} was made for port {there.split()[-1]} at {there.rsplit(' ', 1)[0]}:"
                f" set DEVCLOUD_PORT_BASE and MESHDECK_STATE as then, or remove {self.location.folder}"
            )

    def _fill_and_start(self, trusted: list[str]) -> None:
        """Begin with the seeded data: a copy if this seed was sown before, else by the services' own APIs."""
        if data.seed_folder(self.location).exists():
            data.restore(self.location)
            issuers.record(self.location, trusted)
            self._start(self.processes())
            # The copy trusts the issuers of the day of its seeding.
            issuers.apply(self.location, trusted)
        else:
            self.say("is seeded for the first time")
            data.create(self.location)
            issuers.record(self.location, trusted)
            self._start(self.processes(), seed=True)
            data.keep(self.location)
            self.location.whole_mark.touch()

    def _missing(self, names: frozenset[str]) -> list[Process]:
        """Services that are not there, or there without answering (those are stopped)."""
        missing = []
        for process in self.processes(names):
            if process.is_ready():
                continue
            if process.pid() is not None:
                self.say(f"{process.service.name} runs but does not answer: it is started anew")
                process.stop()
            missing.append(process)
        return missing

    def _stop(self, names: frozenset[str]) -> list[str]:
        running = [process for process in self.processes(names) if process.pid() is not None]
        for process in running:
            process.ask_to_stop()
        for process in running:
            process.stop()
        return [process.service.name for process in running]

    def _start(self, processes: list[Process], seed: bool = False) -> None:
        if not processes:
            return
        for process in processes:
            first = self.location.port(process.service.name)
            for port in range(first, first + process.service.ports):
                if not ports.is_free(port):
                    raise Trouble(
                        f"{self.location.name}: port {port} ({process.service.name}) is taken by {ports.holder(port)}"
                    )
        configuration.write(self.location)
        for process in processes:
            process.start()
        seeding = self._seed() if seed else None
        try:
            self._wait(processes, seeding)
        finally:
            if seeding and seeding.poll() is None:
                seeding.kill()
                seeding.wait()

    def _seed(self) -> subprocess.Popen:
        with (self.location.log / "seed.log").open("w") as output:
            return subprocess.Popen(
                [str(ENVIRONMENT / "bin/python"), "-m", "devcloud.seed", *self.location.arguments()],
                env=child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, processes: list[Process], seeding: subprocess.Popen | None) -> None:
        name, deadline = self.location.name, time.monotonic() + START_SECONDS
        waiting = list(processes)
        while waiting or seeding:
            for process in processes:
                if process.pid() is None:
                    raise Trouble(
                        f"{name}: {process.service.name} ended while starting: {process.last_words()}"
                        f" (see {process.output} and the log beside it)"
                    )
            waiting = [process for process in waiting if not process.is_ready()]
            if seeding and seeding.poll() is not None:
                if seeding.returncode:
                    log = self.location.log / "seed.log"
                    raise Trouble(f"{name}: seeding failed: {last_line(log)} (see {log})")
                seeding = None
            if time.monotonic() > deadline:
                late = [process.service.name for process in waiting] or ["the seeding"]
                raise Trouble(f"{name}: {', '.join(late)} not ready after {START_SECONDS} s (see {self.location.log})")
            time.sleep(0.05)


