"""One project in one location: its networks, servers, volumes and objects, created by its own member."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor, wait

from devcloud.seed.api import Api, SeedingFailed, wait_until
from devcloud.seed.plan import Rule, Server, Tenant, Volume


class Builder:
    """Fills a project. Steps of different services run in parallel, those of one service mostly in turn."""

    def __init__(self, admin: Api, member: Api, plan: Tenant) -> None:
        self.admin = admin
        self.member = member
        self.plan = plan
        self.ports: dict[str, list[str]] = {}
        self.servers: dict[str, str] = {}
        self.volumes: dict[str, str] = {}

    # -- Neutron

    def build_network(self) -> None:
        api = self.member
        networks, subnets = {}, {}
        for name, cidr in self.plan.networks.items():
            networks[name] = api.post("neutron", "/networks", {"network": {"name": name}})["network"]["id"]
            subnet = {"name": name, "network_id": networks[name], "ip_version": 4, "cidr": cidr}
            subnets[name] = api.post("neutron", "/subnets", {"subnet": subnet})["subnet"]["id"]
        outside = api.get("neutron", "/networks?router:external=true")["networks"][0]["id"]
        router = {"name": "router", "external_gateway_info": {"network_id": outside}}
        router_id = api.post("neutron", "/routers", {"router": router})["router"]["id"]
        first = next(iter(self.plan.networks))
        api.put("neutron", f"/routers/{router_id}/add_router_interface", {"subnet_id": subnets[first]})
        groups = self._security_groups(self.plan.groups)
        self._create_ports(networks, subnets, groups)

    def _security_groups(self, plan: dict[str, tuple[Rule, ...]]) -> dict[str, str]:
        # Listing them makes Neutron create the project's default group.
        ids = {g["name"]: g["id"] for g in self.member.get("neutron", "/security-groups")["security_groups"]}
        for name, rules in plan.items():
            ports = ", ".join(str(port) for port in sorted({rule.port for rule in rules}))
            body = {"name": name, "description": f"Lets in on {ports}"}
            group = self.member.post("neutron", "/security-groups", {"security_group": body})
            ids[name] = group["security_group"]["id"]
        for name, rules in plan.items():
            bodies = [
                {
                    "security_group_id": ids[name],
                    "direction": "ingress",
                    "ethertype": "IPv4",
                    "protocol": "tcp",
                    "port_range_min": rule.port,
                    "port_range_max": rule.port,
                    "remote_group_id" if rule.source in ids else "remote_ip_prefix": ids.get(rule.source, rule.source),
                }
                for rule in rules
            ]
            self.member.post("neutron", "/security-group-rules", {"security_group_rules": bodies})
        return ids

    def _create_ports(self, networks: dict[str, str], subnets: dict[str, str], groups: dict[str, str]) -> None:
        """Create all ports in one request, which costs Neutron a fraction of one request each."""
        owners = [(server, network) for server in self.plan.servers for network in server.addresses]
        bodies = [
            {
                "network_id": networks[network],
                "fixed_ips": [{"subnet_id": subnets[network], "ip_address": server.addresses[network]}],
                "security_groups": [groups[group] for group in server.groups],
            }
            for server, network in owners
        ]
        created = self.member.post("neutron", "/ports", {"ports": bodies})["ports"]
        for (server, _), port in zip(owners, created, strict=True):
            self.ports.setdefault(server.name, []).append(port["id"])

    def assign_floating_ips(self) -> None:
        """Assign floating IPs as the administrator, who alone may choose the address."""
        outside = self.admin.get("neutron", "/networks?router:external=true")["networks"][0]["id"]
        common = {"floating_network_id": outside, "project_id": self.member.project_id}
        for address in self.plan.idle_floating_ips:
            self.admin.post("neutron", "/floatingips", {"floatingip": common | {"floating_ip_address": address}})
        for server in self.plan.servers:
            if server.floating_ip:
                body = common | {"floating_ip_address": server.floating_ip, "port_id": self.ports[server.name][0]}
                self.admin.post("neutron", "/floatingips", {"floatingip": body})

    # -- Cinder

    def create_volumes(self) -> None:
        images = self._images()
        for volume in self.plan.volumes:
            body = {"name": volume.name, "size": volume.size, "volume_type": volume.kind}
            if volume.image:
                body["imageRef"] = images[volume.image]
            self.volumes[volume.name] = self.member.post("cinder", "/volumes", {"volume": body})["volume"]["id"]
        self._wait_for_volumes(lambda volume: "available")

    def take_snapshots(self) -> None:
        for volume in self.plan.volumes:
            for name in volume.snapshots:
                body = {"volume_id": self.volumes[volume.name], "name": name, "force": True}
                self.member.post("cinder", "/snapshots", {"snapshot": body})

        def settled() -> bool:
            snapshots = self.member.get("cinder", "/snapshots/detail")["snapshots"]
            return all(snapshot["status"] == "available" for snapshot in snapshots)

        wait_until("all snapshots available", settled)

    def _wait_for_volumes(self, wanted) -> None:
        status = {self.volumes[volume.name]: wanted(volume) for volume in self.plan.volumes}

        def settled() -> bool:
            volumes = self.member.get("cinder", "/volumes/detail")["volumes"]
            broken = [volume["name"] for volume in volumes if volume["status"] == "error"]
            if broken:
                raise SeedingFailed(f"volumes in error: {', '.join(broken)}")
            return all(volume["status"] == status[volume["id"]] for volume in volumes)

        wait_until("all volumes settled", settled)

    # -- Nova

    def boot_servers(self, pool: Executor) -> None:
        """Request all servers and wait until each has reached its final state."""
        images = self._images()
        flavors = {flavor["name"]: flavor["id"] for flavor in self.member.get("nova", "/flavors")["flavors"]}
        finish(pool.submit(self._boot, server, images, flavors) for server in self.plan.servers)

        # Without details, for which Nova would ask Neutron each time.
        wait_until("all servers built", lambda: not self.member.get("nova", "/servers?status=BUILD")["servers"])

    def _boot(self, server: Server, images: dict[str, str], flavors: dict[str, str]) -> None:
        body = {
            "name": server.name,
            "flavorRef": flavors[server.flavor],
            "networks": [{"port": port} for port in self.ports[server.name]],
        }
        if server.root_volume:
            body["block_device_mapping_v2"] = [
                {
                    "uuid": self.volumes[server.root_volume],
                    "source_type": "volume",
                    "destination_type": "volume",
                    "boot_index": 0,
                }
            ]
        else:
            body["imageRef"] = images[server.image]
        self.servers[server.name] = self.member.post("nova", "/servers", {"server": body})["server"]["id"]

    def attach_volumes(self, pool: Executor) -> None:
        finish(pool.submit(self._attach, volume) for volume in self.plan.volumes if volume.server)
        root_volumes = {server.root_volume for server in self.plan.servers}

        def wanted(volume: Volume) -> str:
            return "in-use" if volume.server or volume.name in root_volumes else "available"

        self._wait_for_volumes(wanted)

    def _attach(self, volume: Volume) -> None:
        body = {"volumeAttachment": {"volumeId": self.volumes[volume.name]}}
        self.member.post("nova", f"/servers/{self.servers[volume.server]}/os-volume_attachments", body)

    def stop_servers(self) -> None:
        stopped = [self.servers[server.name] for server in self.plan.servers if server.stopped]
        for server in stopped:
            self.member.post("nova", f"/servers/{server}/action", {"os-stop": None})

        def settled() -> bool:
            off = self.member.get("nova", "/servers?status=SHUTOFF")["servers"]
            return {server["id"] for server in off} >= set(stopped)

        wait_until("some servers stopped", settled)

    # -- Swift

    def upload_objects(self) -> None:
        for container, names in self.plan.containers.items():
            self.member.request("PUT", "swift", f"/{container}")
            for number, name in enumerate(names, start=1):
                content = f"{container}/{name}\n".encode() * 40 * number
                self.member.request("PUT", "swift", f"/{container}/{name}", data=content)

    def _images(self) -> dict[str, str]:
        return {image["name"]: image["id"] for image in self.member.get("glance", "/images?limit=100")["images"]}


def finish(futures: Iterable) -> None:
    """Wait for all of them and raise the first failure."""
    done, _ = wait(list(futures))
    for future in done:
        future.result()
