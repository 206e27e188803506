"""A small OpenStack at the HTTP boundary: what the services answer, in the shapes of their API references.

Today's cloud by default, Ocata's with `FakeCloud(mock, ocata=True)`: Nova 2.42, Cinder 3.27, no quota details.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests_mock
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from clouds.openstack.services import Endpoint, Service
from clouds.openstack.session import AuthState, Connection, Federation, connect, scoped, unscoped

KEYSTONE = "http://cloud.test:5000/v3"
NOVA = "http://cloud.test:8774/v2.1"
NEUTRON = "http://cloud.test:9696"
GLANCE = "http://cloud.test:9292"
PROJECT = "6f70656e737461636b20617661696c61"
CINDER = f"http://cloud.test:8776/v3/{PROJECT}"
SWIFT = f"http://cloud.test:8080/v1/AUTH_{PROJECT}"
FEDERATION = Federation(KEYSTONE, region="north")
WAY_IN = f"{KEYSTONE}/OS-FEDERATION/identity_providers/meshdeck/protocols/openid/auth"

# Tokens live for a day from the start of the tests: what is kept until its end has to be alive whenever they run.
LIFE = timedelta(days=1)
EXPIRES_AT = datetime.now(UTC).replace(microsecond=0) + LIFE

# Shaped like the real ones, so that tests can look for them where they must not be.
ACCESS_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZW1iZXIifQ.c2lnbmF0dXJl"
UNSCOPED_TOKEN = "gAAAAABnunscopedunscopedunscoped"
SCOPED_TOKEN = "gAAAAABnscopedscopedscopedscoped"

Answer = Callable[[Request, Context], Any]


def version(number: str, newest: str = "", oldest: str = "") -> dict[str, Any]:
    """Return an entry of a version document."""
    return {"id": f"v{number}", "status": "CURRENT", "version": newest, "min_version": oldest, "links": []}


def server(number: int, **changes: Any) -> dict[str, Any]:
    """Return a server as Nova 2.73 tells it; on port `port-<number>`."""
    return {
        "id": f"server-{number}",
        "name": f"web-{number:02}",
        "status": "ACTIVE",
        "tenant_id": PROJECT,
        "user_id": "user-1",
        "created": "2026-10-13T08:00:00Z",
        "updated": "2026-10-13T08:00:09Z",
        "image": {"id": "image-1", "links": []},
        "key_name": None,
        "config_drive": "",
        "metadata": {"tier": "front"},
        "tags": ["blue"],
        "locked": False,
        "addresses": {
            "app-net": [
                {
                    "version": 4,
                    "addr": f"10.0.4.{number}",
                    "OS-EXT-IPS:type": "fixed",
                    "OS-EXT-IPS-MAC:mac_addr": f"fa:16:3e:00:00:{number:02x}",
                }
            ]
        },
        "flavor": {
            "vcpus": 2,
            "ram": 8192,
            "disk": 40,
            "ephemeral": 0,
            "swap": 0,
            "original_name": "m1.medium",
            "extra_specs": {},
        },
        "security_groups": [{"name": "default"}],
        "OS-EXT-AZ:availability_zone": "zone-a",
        "OS-EXT-STS:task_state": None,
        "OS-EXT-STS:vm_state": "active",
        "OS-EXT-STS:power_state": 1,
        "OS-SRV-USG:launched_at": "2026-10-13T08:00:09.000000",
        "OS-SRV-USG:terminated_at": None,
        "os-extended-volumes:volumes_attached": [],
        **changes,
    }


def port(number: int, **changes: Any) -> dict[str, Any]:
    """Return the port of `server(number)`."""
    return {
        "id": f"port-{number}",
        "name": "",
        "network_id": "network-1",
        "tenant_id": PROJECT,
        "device_id": f"server-{number}",
        "device_owner": "compute:zone-a",
        "status": "ACTIVE",
        "mac_address": f"fa:16:3e:00:00:{number:02x}",
        "fixed_ips": [{"subnet_id": "subnet-1", "ip_address": f"10.0.4.{number}"}],
        "security_groups": ["group-1"],
        "port_security_enabled": True,
        **changes,
    }


def volume(number: int, **changes: Any) -> dict[str, Any]:
    """Return a volume as Cinder 3.60 tells it."""
    return {
        "id": f"volume-{number}",
        "name": f"data-{number}",
        "description": None,
        "status": "available",
        "size": 20,
        "volume_type": "ssd",
        "bootable": "false",
        "encrypted": False,
        "multiattach": False,
        "availability_zone": "zone-a",
        "snapshot_id": None,
        "source_volid": None,
        "attachments": [],
        "metadata": {},
        "user_id": "user-1",
        "created_at": "2026-10-13T09:00:00.000000",
        **changes,
    }


def key_pair(name: str, **changes: Any) -> dict[str, Any]:
    """Return a key pair in Nova's list, which names no owner and no id."""
    fingerprint = "1e:2c:9b:56:79:4b:45:77:f9:ca:7a:98:2c:b0:d5:3c"
    return {
        "keypair": {"name": name, "type": "ssh", "fingerprint": fingerprint, "public_key": "ssh-rsa AAAA", **changes}
    }


class FakeCloud:
    """Answers like a cloud. Change its lists to change what it has; `break_service` to break it."""

    def __init__(self, mock: requests_mock.Mocker, *, ocata: bool = False) -> None:
        self.mock = mock
        self.ocata = ocata
        self.nova_newest, self.cinder_newest = ("2.42", "3.27") if ocata else ("2.96", "3.71")
        self.servers = [server(1), server(2, status="SHUTOFF", **{"OS-EXT-STS:power_state": 4})]
        self.volumes = [volume(1)]
        self.snapshots: list[dict[str, Any]] = []
        self.ports = [port(1), port(2)]
        self.routers: list[dict[str, Any]] = []
        self.floating_ips: list[dict[str, Any]] = []
        self.networks = [
            {"id": "network-1", "name": "app-net", "status": "ACTIVE", "tenant_id": PROJECT, "router:external": False}
        ]
        self.subnets = [{"id": "subnet-1", "name": "app", "network_id": "network-1", "cidr": "10.0.4.0/24"}]
        self.groups: list[dict[str, Any]] = [
            {"id": "group-1", "name": "default", "description": "", "security_group_rules": []}
        ]
        self.address_groups: list[dict[str, Any]] = []
        self.roles = ["reader", "member"]
        self.user_id = "user-1"
        self.catalog = self._catalog()
        self.key_pairs = [key_pair("laptop"), key_pair("build", type="x509")]
        self.containers = [{"name": "logs", "count": 3, "bytes": 4096, "last_modified": "2026-10-13T10:00:00.000000"}]
        self.account_headers = {"X-Account-Container-Count": "1", "X-Account-Bytes-Used": "4096"}
        self._identity()
        self._versions()
        self._compute()
        self._network()
        self._block_storage()
        self._image()
        mock.get(SWIFT, json=self._swift)

    def break_service(self, base: str, **answer: Any) -> None:
        """Every request below `base` gets this answer (keywords of requests_mock)."""
        self.mock.register_uri(requests_mock.ANY, requests_mock.ANY, additional_matcher=_below(base), **answer)

    def paths(self, base: str) -> list[str]:
        """Return the paths that were asked for below `base`."""
        return [request.path for request in self.mock.request_history if request.url.startswith(base)]

    def state(self) -> AuthState:
        """Return a scoped state, by the real way through Keystone."""
        return scoped(FEDERATION, unscoped(FEDERATION, ACCESS_TOKEN), PROJECT)

    def endpoints(self) -> list[Endpoint]:
        """Return what discovery would find."""
        return [
            Endpoint(Service.IDENTITY, KEYSTONE, "3.14"),
            Endpoint(Service.COMPUTE, NOVA, "2.1", "2.1", self.nova_newest),
            Endpoint(Service.NETWORK, f"{NEUTRON}/v2.0", "2.0"),
            Endpoint(Service.BLOCK_STORAGE, "http://cloud.test:8776/v3/{project_id}", "3.0", "3.0", self.cinder_newest),
            Endpoint(Service.IMAGE, f"{GLANCE}/v2", "2.9"),
            Endpoint(Service.OBJECT_STORE, "http://cloud.test:8080/v1/AUTH_{project_id}", "2.38"),
        ]

    def connection(self) -> Connection:
        """Return a connection to all of it."""
        return connect(FEDERATION, self.state(), self.endpoints())

    def _identity(self) -> None:
        self.mock.get(KEYSTONE, json={"version": {"id": "v3.14", "status": "stable"}})
        self.mock.post(WAY_IN, json=self._unscoped, status_code=201, headers={"X-Subject-Token": UNSCOPED_TOKEN})
        self.mock.post(f"{KEYSTONE}/auth/tokens", json=self._scoped, headers={"X-Subject-Token": SCOPED_TOKEN})
        projects = [
            {"id": PROJECT, "name": "atlas", "domain_id": "default", "description": None, "enabled": True},
            {"id": "gone", "name": "closed", "domain_id": "default", "enabled": False},
        ]
        self.mock.get(f"{KEYSTONE}/auth/projects", json={"projects": projects, "links": {"next": None}})

    def _unscoped(self, request: Request, context: Context) -> Any:
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            context.status_code = 401
            return {"error": {"code": 401, "message": "The request you have made requires authentication."}}
        return {"token": self._person()}

    def _scoped(self, request: Request, context: Context) -> Any:
        asked = request.json()["auth"]
        if asked["identity"]["token"]["id"] != UNSCOPED_TOKEN or asked["scope"]["project"]["id"] != PROJECT:
            context.status_code = 401
            return {"error": {"code": 401, "message": "The request you have made requires authentication."}}
        context.status_code = 201
        return {
            "token": {
                **self._person(),
                "project": {"id": PROJECT, "name": "atlas", "domain": {"id": "default"}},
                "roles": [{"id": str(n), "name": name} for n, name in enumerate(self.roles)],
                "catalog": self.catalog,
            }
        }

    def _person(self) -> dict[str, Any]:
        return {
            "expires_at": f"{EXPIRES_AT:%Y-%m-%dT%H:%M:%S.%fZ}",
            "issued_at": f"{EXPIRES_AT - LIFE:%Y-%m-%dT%H:%M:%S.%fZ}",
            "methods": ["openid"],
            "user": {"id": self.user_id, "name": "member", "domain": {"id": "default"}},
        }

    def _catalog(self) -> list[dict[str, Any]]:
        """As real ones are: two regions, three interfaces, some URLs with a version and some without."""
        urls = {
            "identity": KEYSTONE,
            "compute": NOVA,
            "network": NEUTRON,
            "volumev3": CINDER,
            "image": f"{GLANCE}/",
            "object-store": SWIFT,
        }
        return [
            {
                "type": kind,
                "name": kind,
                "endpoints": [
                    {"id": "1", "interface": "internal", "region_id": "north", "url": "http://inside.test/"},
                    {"id": "2", "interface": "public", "region_id": "far", "url": "http://far.test/"},
                    {"id": "3", "interface": "public", "region_id": "north", "region": "north", "url": url},
                ],
            }
            for kind, url in urls.items()
        ]

    def _versions(self) -> None:
        keystone = {"versions": {"values": [version("3.14")]}}
        self.mock.get("http://cloud.test:5000/", json=keystone, status_code=300)
        nova = [version("2.0"), version("2.1", self.nova_newest, "2.1")]
        self.mock.get("http://cloud.test:8774/", json={"versions": nova})
        self.mock.get(f"{NEUTRON}/", json={"versions": [version("2.0")]})
        cinder = {"versions": [version("2.0"), version("3.0", self.cinder_newest, "3.0")]}
        self.mock.get("http://cloud.test:8776/", json=cinder, status_code=300)
        glance = {"versions": [version("2.9"), version("2.10"), version("1.1")]}
        self.mock.get(f"{GLANCE}/", json=glance, status_code=300)
        self.mock.get("http://cloud.test:8080/info", json={"swift": {"version": "2.38.3"}})

    def _list(self, key: str, rows: Callable[[], list[dict[str, Any]]], newest: str = "") -> Answer:
        """Return a list paged by limit and marker, with the link that nova, cinder and neutron give."""

        def answer(request: Request, context: Context) -> Any:
            if newest and not _within(request, newest):
                context.status_code = 406
                return {"computeFault": {"code": 406, "message": "Version is not supported by the API."}}
            found, query = rows(), request.qs
            limit = int(query["limit"][0]) if "limit" in query else len(found)
            ids = [_id(row).lower() for row in found]
            first = ids.index(query["marker"][0]) + 1 if "marker" in query else 0
            page = found[first : first + limit]
            body: dict[str, Any] = {key: page}
            if page and len(page) == limit:
                # The scheme of a proxy that nobody told about TLS: to be ignored.
                href = f"https://wrong.test/x?limit={limit}&marker={_id(page[-1])}"
                body[f"{key}_links"] = [{"rel": "next", "href": href}]
            return body

        return answer

    def _compute(self) -> None:
        absolute = {
            "maxTotalInstances": 20,
            "maxTotalCores": 40,
            "maxTotalRAMSize": -1,
            "maxTotalKeypairs": 100,
            "maxServerGroups": 10,
            "totalInstancesUsed": 2,
            "totalCoresUsed": 4,
            "totalRAMUsed": 16384,
            "totalServerGroupsUsed": 0,
            # Proxies of Ocata's nova for what neutron has: never to be believed.
            **({"maxTotalFloatingIps": 10, "totalFloatingIpsUsed": 0, "maxSecurityGroups": 10} if self.ocata else {}),
        }
        self.mock.get(f"{NOVA}/servers/detail", json=self._list("servers", self._servers, self.nova_newest))
        self.mock.get(f"{NOVA}/limits", json={"limits": {"rate": [], "absolute": absolute}})
        flavors = [{"id": "flavor-1", "name": "m1.medium", "vcpus": 2, "ram": 8192, "disk": 40}]
        self.mock.get(f"{NOVA}/flavors/detail", json=self._list("flavors", lambda: flavors))
        zones = [
            {"zoneName": "zone-a", "zoneState": {"available": True}},
            {"zoneName": "zone-b", "zoneState": {"available": False}},
        ]
        self.mock.get(f"{NOVA}/os-availability-zone", json={"availabilityZoneInfo": zones})
        self.mock.get(f"{NOVA}/os-keypairs", json=self._list("keypairs", lambda: self.key_pairs))

    def _servers(self) -> list[dict[str, Any]]:
        if not self.ocata:
            return self.servers
        later = ("tags", "locked_reason")
        return [
            {**{k: v for k, v in one.items() if k not in later}, "flavor": {"id": "flavor-1", "links": []}}
            for one in self.servers
        ]

    def _network(self) -> None:
        for path, key, rows in (
            ("networks", "networks", lambda: self.networks),
            ("subnets", "subnets", lambda: self.subnets),
            ("ports", "ports", lambda: self.ports),
            ("routers", "routers", lambda: self.routers),
            ("floatingips", "floatingips", lambda: self.floating_ips),
            ("security-groups", "security_groups", lambda: self.groups),
            ("address-groups", "address_groups", lambda: self.address_groups),
        ):
            self.mock.get(f"{NEUTRON}/v2.0/{path}", json=self._list(key, rows))
        quota = {"network": 5, "floatingip": 10, "port": -1, "security_group": 10, "router": 2, "rbac_policy": 10}
        details = {name: {"limit": limit, "used": 1, "reserved": 0} for name, limit in quota.items()}
        base = f"{NEUTRON}/v2.0/quotas/{PROJECT}"
        self.mock.get(base, json={"quota": quota})
        if self.ocata:
            missing = {"NeutronError": {"type": "HTTPNotFound", "message": "The resource could not be found."}}
            self.mock.get(f"{base}/details.json", status_code=404, json=missing)
        else:
            self.mock.get(f"{base}/details.json", json={"quota": details})

    def _block_storage(self) -> None:
        absolute = {
            "maxTotalVolumes": 20,
            "maxTotalVolumeGigabytes": 1000,
            "maxTotalSnapshots": 10,
            "maxTotalBackups": 10,
            "maxTotalBackupGigabytes": 1000,
            "totalVolumesUsed": 1,
            "totalGigabytesUsed": 20,
            "totalSnapshotsUsed": 0,
            "totalBackupsUsed": 0,
            "totalBackupGigabytesUsed": 0,
        }
        self.mock.get(f"{CINDER}/volumes/detail", json=self._list("volumes", lambda: self.volumes, self.cinder_newest))
        self.mock.get(f"{CINDER}/snapshots/detail", json=self._list("snapshots", lambda: self.snapshots))
        self.mock.get(f"{CINDER}/limits", json={"limits": {"rate": [], "absolute": absolute}})
        types: list[dict[str, Any]] = [
            {"id": "type-1", "name": "ssd", "description": "Fast", "is_public": True},
            {"id": "type-2", "name": "hdd", "description": None, "is_public": False},
        ]
        self.mock.get(f"{CINDER}/types", json=self._list("volume_types", lambda: types))
        self.mock.get(f"{CINDER}/types/default", json={"volume_type": types[0]})
        zones = [
            {"zoneName": "zone-a", "zoneState": {"available": True}},
            {"zoneName": "zone-old", "zoneState": {"available": False}},
        ]
        self.mock.get(f"{CINDER}/os-availability-zone", json={"availabilityZoneInfo": zones})

    def _image(self) -> None:
        images = [
            {"id": "image-1", "name": "Debian 13", "status": "active", "visibility": "public", "owner": "operator"},
            {"id": "image-2", "name": "Own", "status": "active", "visibility": "private", "owner": PROJECT},
        ]
        self.mock.get(f"{GLANCE}/v2/images", json={"images": images, "first": "/v2/images"})

    def _swift(self, request: Request, context: Context) -> Any:
        context.headers.update(self.account_headers)
        marker = request.qs.get("marker", [""])[0]
        return [one for one in self.containers if str(one["name"]) > marker][:2]


def _id(row: dict[str, Any]) -> str:
    """Return what a list's marker is: the id, and of a key pair the name."""
    return str(row["keypair"]["name"] if "keypair" in row else row["id"])


def _within(request: Request, newest: str) -> bool:
    """Whether the cloud speaks the microversion that was asked for."""
    asked = request.headers.get("OpenStack-API-Version", "").split()
    return not asked or tuple(map(int, asked[-1].split("."))) <= tuple(map(int, newest.split(".")))


def _below(base: str) -> Callable[[Request], bool]:
    return lambda request: request.url.startswith(base)
