"""What the seeded projects contain, as data. The amounts in atlas@north use most of its quota."""

from __future__ import annotations

from dataclasses import dataclass, field

# name -> vCPUs, memory in MiB, disk in GB
FLAVORS = {
    "m1.tiny": (1, 1024, 10),
    "m1.small": (1, 2048, 20),
    "m1.medium": (2, 8192, 40),
    "m1.large": (4, 16384, 80),
    "c1.medium": (3, 6144, 30),
    "c1.large": (8, 16384, 40),
    "g1.medium": (4, 16384, 80),
}
# No host has this trait, so a server with such a flavor finds none, as in a real cloud without free GPUs.
REQUIRED_TRAITS = {"g1.medium": "CUSTOM_GPU"}

# name -> os_distro, os_version, smallest disk in GB
IMAGES = {
    "cirros-0.6": ("cirros", "0.6", 1),
    "debian-12": ("debian", "12", 3),
    "debian-13": ("debian", "13", 3),
    "ubuntu-22.04": ("ubuntu", "22.04", 5),
    "ubuntu-24.04": ("ubuntu", "24.04", 5),
    "rocky-9": ("rocky", "9", 10),
    "fedora-43": ("fedora", "43", 5),
    "windows-server-2025": ("windows", "2025", 20),
}

# The key pairs of `member`: name -> public key. The private keys don't exist.
KEY_PAIRS = {
    "member-laptop": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIjKG0rZsxkSVjkvTOOA0Tu8mgOlqCNkpnLxAlHl6YOb member@laptop",
    "member-desktop": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1oyragLfs9U4KfbBNOuOkr4weSCBE2TyhNOQDrAhW member@desktop",
}

EXTERNAL_NETWORKS = {"north": "198.51.100.0/24", "south": "192.0.2.0/24"}
OFFICE = "203.0.113.0/24"
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Rule:
    """Inbound TCP; `source` is an address range or another security group's name."""

    port: int
    source: str


@dataclass(frozen=True)
class Server:
    name: str
    flavor: str
    # Network name -> fixed address.
    addresses: dict[str, str]
    groups: tuple[str, ...] = ("default",)
    image: str = "debian-13"
    floating_ip: str = ""
    stopped: bool = False
    # Boots from the volume of this name and not from its image.
    root_volume: str = ""


@dataclass(frozen=True)
class Volume:
    name: str
    size: int
    kind: str = "ssd"
    server: str = ""
    image: str = ""
    snapshots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quotas:
    servers: int = 20
    vcpus: int = 40
    memory: int = 160 * 1024
    volumes: int = 20
    gigabytes: int = 1000
    snapshots: int = 10
    floating_ips: int = 10
    security_groups: int = 10
    networks: int = 5


@dataclass(frozen=True)
class Tenant:
    """One project in one location. The first network is connected to the outside."""

    networks: dict[str, str]
    groups: dict[str, tuple[Rule, ...]]
    servers: tuple[Server, ...]
    volumes: tuple[Volume, ...]
    idle_floating_ips: tuple[str, ...] = ()
    containers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quotas: Quotas = Quotas()


WEB = (Rule(80, ANYWHERE), Rule(443, ANYWHERE))
SSH = (Rule(22, OFFICE),)

ATLAS_NORTH = Tenant(
    networks={"app-net": "10.0.4.0/24", "backup-net": "10.0.8.0/24"},
    groups={
        "web-public": WEB,
        "ssh-office": SSH,
        "app": (Rule(8080, "web-public"),),
        "db-internal": (Rule(5432, "app"), Rule(5432, "web-public")),
        "monitoring": (Rule(9100, "10.0.4.0/24"),),
    },
    servers=(
        Server("bastion", "m1.tiny", {"app-net": "10.0.4.5"}, ("ssh-office",), "cirros-0.6", "198.51.100.11"),
        Server("db-01", "m1.large", {"app-net": "10.0.4.21", "backup-net": "10.0.8.21"}, ("db-internal",)),
        Server("db-02", "m1.large", {"app-net": "10.0.4.22"}, ("db-internal",)),
        Server(
            "web-01",
            "m1.medium",
            {"app-net": "10.0.4.17"},
            ("web-public", "ssh-office"),
            "ubuntu-24.04",
            "198.51.100.24",
        ),
        Server(
            "web-02",
            "m1.medium",
            {"app-net": "10.0.4.18"},
            ("web-public", "monitoring"),
            "ubuntu-24.04",
            "198.51.100.27",
        ),
        Server("web-03", "m1.medium", {"app-net": "10.0.4.19"}, ("web-public",), "ubuntu-24.04", stopped=True),
        *(Server(f"worker-0{n}", "c1.medium", {"app-net": f"10.0.4.3{n}"}, ("default", "app")) for n in range(1, 7)),
        Server("worker-07", "g1.medium", {"app-net": "10.0.4.37"}, ("default", "app")),
        Server("backup-01", "m1.tiny", {"backup-net": "10.0.8.5"}, stopped=True, root_volume="backup-01-root"),
    ),
    volumes=(
        Volume("pg-data-01", 200, server="db-01"),
        Volume("pg-data-02", 100, server="db-02"),
        Volume("pg-wal-01", 40, server="db-01", snapshots=("pg-wal-01-before-upgrade", "pg-wal-01-monday")),
        Volume("web-assets-01", 60, server="web-01", snapshots=("web-assets-01-monday",)),
        Volume("logs-01", 40, "hdd", server="web-02"),
        Volume("backup-01-root", 20, image="debian-13", snapshots=("backup-01-root-fresh",)),
        Volume("backup-01-data", 100, "hdd", server="backup-01"),
        Volume("scratch-01", 30, "hdd"),
        Volume("pg-restore-test", 50, "hdd"),
    ),
    idle_floating_ips=("198.51.100.40",),
    containers={
        "assets": tuple(f"css/site-{n}.css" for n in range(1, 7)) + tuple(f"img/photo-{n}.jpg" for n in range(1, 10)),
        "backups": tuple(f"pg/2026-11-{day}.dump" for day in range(10, 20)),
        "logs": ("web-01/access.log", "web-02/access.log", "web-02/error.log"),
    },
)

ATLAS_SOUTH = Tenant(
    networks={"app-net": "10.1.4.0/24"},
    groups={"web-public": WEB, "ssh-office": SSH},
    servers=(
        Server("cache-01", "m1.small", {"app-net": "10.1.4.11"}),
        Server("db-replica-01", "m1.medium", {"app-net": "10.1.4.21"}, image="debian-12"),
        Server("web-01", "m1.small", {"app-net": "10.1.4.17"}, ("web-public",), "ubuntu-24.04", "192.0.2.24"),
        Server("web-02", "m1.small", {"app-net": "10.1.4.18"}, ("web-public",), "ubuntu-24.04"),
        Server("standby-01", "m1.tiny", {"app-net": "10.1.4.31"}, ("ssh-office",), stopped=True),
    ),
    volumes=(
        Volume("pg-replica-01", 80, server="db-replica-01", snapshots=("pg-replica-01-monday",)),
        Volume("web-assets-01", 20, server="web-01"),
        Volume("archive-01", 100, "hdd"),
    ),
    containers={"mirror": tuple(f"assets/part-{n}.tar" for n in range(1, 6))},
    quotas=Quotas(servers=10, vcpus=16, memory=48 * 1024, volumes=10, gigabytes=400, floating_ips=3, networks=3),
)

BOREALIS_NORTH = Tenant(
    networks={"lab-net": "10.2.0.0/24"},
    groups={"web-public": WEB, "api-internal": (Rule(8443, "10.2.0.0/24"),)},
    servers=(
        Server("api-01", "m1.small", {"lab-net": "10.2.0.11"}, ("web-public",), floating_ip="198.51.100.61"),
        Server("api-02", "m1.small", {"lab-net": "10.2.0.12"}, ("api-internal",)),
        Server("api-03", "m1.small", {"lab-net": "10.2.0.13"}, ("api-internal",)),
        Server("queue-01", "m1.small", {"lab-net": "10.2.0.21"}),
        Server("db-01", "m1.medium", {"lab-net": "10.2.0.31"}),
        Server("build-01", "c1.medium", {"lab-net": "10.2.0.41"}, image="fedora-43"),
        Server("build-02", "c1.medium", {"lab-net": "10.2.0.42"}, image="fedora-43", stopped=True),
        Server("notebook-01", "m1.tiny", {"lab-net": "10.2.0.51"}, image="ubuntu-22.04"),
    ),
    volumes=(
        Volume("db-data", 60, server="db-01"),
        Volume("queue-data", 20, server="queue-01"),
        Volume("build-cache", 40, "hdd", server="build-01"),
    ),
    containers={"datasets": tuple(f"stations/{n:02}.csv" for n in range(1, 9))},
    quotas=Quotas(servers=12, vcpus=24, memory=64 * 1024, volumes=10, gigabytes=300, floating_ips=5),
)

TENANTS = {
    "north": {"atlas": ATLAS_NORTH, "borealis": BOREALIS_NORTH},
    "south": {"atlas": ATLAS_SOUTH},
}
