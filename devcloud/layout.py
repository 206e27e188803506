"""Names and places: services, ports, folders of a location. Standard library only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv-devcloud"
LOCATIONS = ("north", "south")
PORTS_PER_LOCATION = 1000
# How a process id is written in a lock file.
PID_FORMAT = "{:<10}"


@dataclass(frozen=True)
class Service:
    """One process of a location: an OpenStack project with all its workers."""

    name: str
    kind: str
    port_offset: int
    ports: int = 1


# In starting order: Keystone first because all others need its catalog, then the slowest.
SERVICES = {
    service.name: service
    for service in (
        Service("keystone", "identity", 0),
        Service("nova", "compute", 3),
        Service("cinder", "volume", 5),
        Service("neutron", "network", 4),
        Service("glance", "image", 2),
        Service("placement", "placement", 1),
        # The proxy, then the account, container and object servers behind it.
        Service("swift", "object-store", 10, ports=4),
    )
}


@dataclass(frozen=True)
class Location:
    """One cloud: its name (also the region's), its folder and the first of its ports."""

    name: str
    folder: Path
    port_base: int

    def port(self, service: str) -> int:
        return self.port_base + SERVICES[service].port_offset

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.port(service)}"

    @property
    def auth_url(self) -> str:
        return self.url("keystone") + "/v3"

    @property
    def data(self) -> Path:
        """The cloud's state: databases, images, objects, keys."""
        return self.folder / "data"

    @property
    def etc(self) -> Path:
        """Configuration files, rewritten at each start."""
        return self.folder / "etc"

    @property
    def run(self) -> Path:
        """Locks with process ids, and markers of readiness."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def issuers_file(self) -> Path:
        """JSON list of the token issuers that Keystone trusts."""
        return self.folder / "issuers.json"

    @property
    def catalog_mark(self) -> Path:
        """Exists once the service catalog is filled; inside `data` because it describes the data."""
        return self.data / "catalog-filled"

    @property
    def whole_mark(self) -> Path:
        """Exists while `data` is a complete cloud; missing after an interrupted seeding or reset."""
        return self.data / "whole"

    def arguments(self) -> list[str]:
        """Return the command-line form that `from_arguments` parses in a child process."""
        return [self.name, str(self.folder), str(self.port_base)]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Location:
        name, folder, port_base = arguments
        return cls(name, Path(folder), int(port_base))


def state_folder() -> Path:
    """Return `$MESHDECK_STATE/devcloud`, by default `.meshdeck/devcloud` in the clone."""
    return Path(os.environ.get("MESHDECK_STATE") or REPOSITORY / ".meshdeck").absolute() / "devcloud"


def location(name: str) -> Location:
    """Return the location of that name, at the ports that DEVCLOUD_PORT_BASE (default 15000) gives it."""
    first = int(os.environ.get("DEVCLOUD_PORT_BASE") or 15000)
    return Location(name, state_folder() / name, first + PORTS_PER_LOCATION * LOCATIONS.index(name))
