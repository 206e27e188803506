"""The demo's folders, ports and addresses."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Layout:
    """State folder and ports. Everything listens on 127.0.0.1 only."""

    state: Path
    portal_port: int = 8000
    idp_port: int = 8001
    redis_port: int = 8002
    cloud_port: int = 15000

    @classmethod
    def from_environment(cls) -> "Layout":
        """Read MESHDECK_STATE, MESHDECK_PORT (provider, Redis, foundation take the next four), DEVCLOUD_PORT_BASE."""
        state = Path(os.environ.get("MESHDECK_STATE") or REPOSITORY / ".meshdeck").absolute()
        port = int(os.environ.get("MESHDECK_PORT") or 8000)
        return cls(state, port, port + 1, port + 2, int(os.environ.get("DEVCLOUD_PORT_BASE") or 15000))

    @property
    def url(self) -> str:
        """The portal's URL."""
        return f"http://127.0.0.1:{self.portal_port}"

    @property
    def issuer(self) -> str:
        """The built-in identity provider's URL. Browsers keep passkeys for host names only, hence not 127.0.0.1."""
        return f"http://localhost:{self.idp_port}"

    @property
    def foundation_port(self) -> int:
        """The port of the Cloud Foundry stand-in's API root; its UAA takes the next one."""
        return self.redis_port + 1

    @property
    def foundation(self) -> str:
        """The API root of north-cf."""
        return f"http://127.0.0.1:{self.foundation_port}"

    @property
    def uaa(self) -> str:
        """The URL of its UAA, which is also its login server."""
        return f"http://127.0.0.1:{self.foundation_port + 1}"

    @property
    def locations(self) -> dict[str, str]:
        """Each location's name and Keystone address, as `python -m devcloud` assigns them."""
        return {
            name: f"http://127.0.0.1:{self.cloud_port + 1000 * number}/v3"
            for number, name in enumerate(("north", "south"))
        }

    @property
    def keystone_callbacks(self) -> list[str]:
        """Where the identity provider returns browsers that came from a Keystone."""
        return [address.removesuffix("/v3") + "/oidc/redirect" for address in self.locations.values()]

    @property
    def logs(self) -> Path:
        """The folder of log files, one per process."""
        return self.state / "log"

    @property
    def run(self) -> Path:
        """The folder of the locks that show which processes are running."""
        return self.state / "run"

    def taken_ports(self) -> list[tuple[str, int]]:
        """List the parts whose port is already in use."""
        parts = {
            "portal": self.portal_port,
            "identity provider": self.idp_port,
            "Redis": self.redis_port,
            "Cloud Foundry stand-in": self.foundation_port,
            "its UAA": self.foundation_port + 1,
        }
        return [(part, port) for part, port in parts.items() if _is_taken(port)]


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
