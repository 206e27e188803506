"""One location as a whole: bring it up, take it down, reset it, report its state."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devcloud import cast, configuration, data, issuers, ports
from devcloud.layout import ENVIRONMENT, SERVICES, Location
from devcloud.locks import exclusive
from devcloud.processes import Process, child_environment, last_line
from devcloud.trouble import Trouble

# Much longer than needed: a service that ends is noticed at once, and a busy machine deserves patience.
START_SECONDS = 600
ALL = frozenset(SERVICES)


@dataclass(frozen=True)
class Start:
    """What `up` or `reset` has to do in one location."""

    processes: list[Process]
    # Token issuers to register with the running Keystone; None if it knows them.
    issuers: list[str] | None = None
    seed: bool = False
    begun: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Cloud:
    location: Location
    say: Callable[[str], None]

    def processes(self, names: frozenset[str] = ALL) -> list[Process]:
        return [Process(self.location, service) for service in SERVICES.values() if service.name in names]

    def lock(self):
        return exclusive(self.location.folder / "command.lock", self.location.name, self.say)

    def plan_up(self, wanted_issuers: list[str] | None, names: frozenset[str] = ALL) -> Start:
        """Find out what has to be started, whatever state the location is in."""
        self._check_address()
        trusted = wanted_issuers or issuers.recorded(self.location) or [cast.DEFAULT_ISSUER]
        if self.location.whole_mark.exists():
            changed = trusted != issuers.recorded(self.location)
            missing = self._missing(names)
            self._check_ports(missing)
            if missing:
                configuration.write(self.location)
            return Start(missing, trusted if changed and "keystone" in names else None)
        # Never filled, or a seeding or a reset was cut short.
        return self._plan_filling(trusted)

    def plan_reset(self) -> Start:
        """Plan the return to the seeded state."""
        self._check_address()
        return self._plan_filling(issuers.recorded(self.location) or [cast.DEFAULT_ISSUER])

    def _plan_filling(self, trusted: list[str]) -> Start:
        """Begin with the seeded data: a copy if this seed exists, else created through the services' own APIs."""
        self._stop(ALL)
        self._check_ports(self.processes())
        sown = data.seed_folder(self.location).exists()
        if sown:
            data.restore(self.location)
        else:
            self.say("is being seeded for the first time")
            data.create(self.location)
        issuers.record(self.location, trusted)
        configuration.write(self.location)
        # The copy trusts the issuers from when it was seeded.
        return Start(self.processes(), trusted if sown else None, seed=not sown)

    def _check_ports(self, missing: list[Process]) -> None:
        for process in missing:
            first = self.location.port(process.service.name)
            for port in range(first, first + process.service.ports):
                if not ports.is_free(port):
                    raise Trouble(
                        f"{self.location.name}: port {port} ({process.service.name}) is in use by {ports.holder(port)}"
                    )

    def finish(self, start: Start) -> None:
        """Wait until everything that was started is ready, and seed the location if it is new."""
        seeding = self._seed() if start.seed else None
        try:
            self._wait(start.processes, seeding)
        finally:
            if seeding and seeding.poll() is None:
                seeding.kill()
                seeding.wait()
        if start.seed:
            data.keep(self.location)
            self.location.whole_mark.touch()
        if start.issuers:
            issuers.apply(self.location, start.issuers)
            self.say(f"trusts {', '.join(start.issuers)}")
        names = [process.service.name for process in start.processes]
        if not names:
            self.say(f"is up already: {self.location.auth_url}")
        else:
            which = "" if len(names) == len(ALL) else f" ({', '.join(names)})"
            self.say(f"is up after {time.monotonic() - start.begun:.1f} s{which}: {self.location.auth_url}")

    def down(self, names: frozenset[str] = ALL) -> None:
        if not self.location.folder.exists():
            self.say("was never up")
            return
        with self.lock():
            stopped = self._stop(names)
        self.say(f"stopped {', '.join(stopped)}" if stopped else "is down already")

    def status(self) -> dict[str, Any]:
        """Return everything that a test or a person needs to know; memory in bytes."""
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
        """Refuse data from another path or port base: its catalog would point elsewhere."""
        data.check_disk(self.location)
        address = self.location.folder / "address"
        here = f"{self.location.folder} {self.location.port_base}"
        if not address.exists():
            address.write_text(here)
        elif (there := address.read_text()) != here:
            raise Trouble(
                f"{self.location.name} was created for port {there.split()[-1]} at {there.rsplit(' ', 1)[0]}:"
                f" set DEVCLOUD_PORT_BASE and MESHDECK_STATE as then, or remove {self.location.folder}"
            )

    def _missing(self, names: frozenset[str]) -> list[Process]:
        """Return services that are not running, or not answering (those are stopped first)."""
        missing = []
        for process in self.processes(names):
            if process.is_ready():
                continue
            if process.pid() is not None:
                self.say(f"{process.service.name} runs but does not answer, so it is being restarted")
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
