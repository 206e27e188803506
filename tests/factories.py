"""Rows as refreshes would have written them: the cast, its projects, and as many servers as a test needs.

`cast()` gives what the mock-ups show: atlas in north with 14 servers, in south (smaller), borealis in north.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from portal.identity import crypto, sessions
from portal.identity.models import Grant, User
from projects import figures
from projects.models import (
    Change,
    Container,
    Discovery,
    Flavor,
    FloatingIP,
    Image,
    KeyPair,
    Limit,
    Location,
    LocationService,
    Measure,
    Membership,
    Network,
    Port,
    Project,
    Reading,
    Role,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    Service,
    Snapshot,
    Subnet,
    Tenant,
    UsageSample,
    Volume,
    VolumeType,
    Zone,
)

FLAVORS = {
    "m1.tiny": (1, 1024, 5),
    "m1.small": (1, 2048, 10),
    "m1.medium": (2, 8192, 20),
    "m1.large": (4, 16384, 40),
    "c1.medium": (3, 6144, 20),
}
# What a login of these people holds.
ACCESS_TOKEN = "made-up-access-token"
NO_HOST = "No valid host was found. There are not enough hosts available."


@dataclass
class Cast:
    """The people and the places of the demo."""

    admin: User
    member: User
    reader: User
    stranger: User
    north: Location
    south: Location
    atlas: Tenant
    atlas_south: Tenant
    borealis: Tenant


def ident(name: str) -> str:
    """The same id for the same name, shaped like a cloud's."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def person(name: str, *, staff: bool = False) -> User:
    """Someone of the cast, as the provider would have named them."""
    return User.objects.create(
        issuer="http://127.0.0.1:8001",
        subject=f"sub-{name}",
        username=name,
        email=f"{name}@example.org",
        is_staff=staff,
    )


def log_in(client: Client, user: User) -> uuid.UUID:
    """What a login leaves behind: a session and the handle of its grant."""
    client.force_login(user, backend="portal.identity.backend.OpenIDBackend")
    now = timezone.now()
    session = client.session
    grant = Grant.objects.create(
        user=user,
        session_key=session.session_key or "",
        access_token=crypto.encrypt(ACCESS_TOKEN.encode()).decode(),
        expires_at=now + timedelta(hours=1),
        created_at=now,
        renewed_at=now,
    )
    session[sessions.GRANT] = str(grant.pk)
    session.save()
    return grant.pk


def location(name: str, position: int = 0, **values: Any) -> Location:
    """A location that answers, with its services."""
    now = timezone.now()
    base = 15000 + 1000 * position
    values = {
        "auth_url": f"http://127.0.0.1:{base}/v3",
        "region": name,
        "identity_provider": "meshdeck",
        "health": Location.Health.ANSWERS,
        "answered_at": now,
        "checked_at": now,
    } | values
    place = Location.objects.create(name=name, position=position, **values)
    for offset, (service, version, micro, latency) in enumerate(
        [
            (Service.IDENTITY, "3.14", "", 212),
            (Service.COMPUTE, "2.1", "2.103", 320),
            (Service.NETWORK, "2.0", "", 180),
            (Service.BLOCK_STORAGE, "3.0", "3.71", 340),
            (Service.IMAGE, "2.17", "", 96),
            (Service.OBJECT_STORE, "1.0", "", 88),
        ]
    ):
        LocationService.objects.create(
            location=place,
            service=service,
            url=f"http://127.0.0.1:{base + offset}",
            version=version,
            min_microversion="2.1" if micro else "",
            max_microversion=micro,
            answers=True,
            latency_ms=latency,
            checked_at=now,
        )
    return place


def down(place: Location, minutes: int = 23) -> None:
    """The location has not answered for so long; compute and network time out, the others answer."""
    now = timezone.now()
    Location.objects.filter(pk=place.pk).update(
        health=Location.Health.DOWN,
        reason="compute and networking time out after 10 s, identity answers",
        request_id="req-7f3c1e",
        failing_since=now - timedelta(minutes=minutes),
        answered_at=now - timedelta(minutes=minutes),
        failures=4,
        next_try_at=now + timedelta(seconds=42),
    )
    for service in (Service.COMPUTE, Service.NETWORK):
        place.services.filter(service=service).update(answers=False, reason="timed out after 10.0 s", latency_ms=10_000)
    Tenant.objects.filter(location=place).update(as_of=now - timedelta(minutes=minutes))
    Reading.objects.filter(tenant__location=place).update(as_of=now - timedelta(minutes=minutes))
    place.refresh_from_db()


def tenant(project: Project, place: Location, **values: Any) -> Tenant:
    """A tenant that was just read, so that looking at it asks for nothing."""
    now = timezone.now()
    values = {"as_of": now, "refreshed_at": now, "looked_at": now} | values
    made = Tenant.objects.create(
        project=project,
        location=place,
        external_id=ident(f"{project.slug}@{place.name}").replace("-", ""),
        external_name=project.name,
        **values,
    )
    for service in Service:
        Reading.objects.create(tenant=made, service=service, as_of=made.as_of, tried_at=now, latency_ms=120)
    return made


def join(user: User, *tenants: Tenant, role: Role = Role.MEMBER) -> None:
    """Makes a person a member, whose own key pairs were just read."""
    now = timezone.now()
    for one in tenants:
        Membership.objects.create(
            user=user,
            tenant=one,
            role=role,
            cloud_roles=[role.value],
            confirmed_at=now,
            cloud_user_id=cloud_id(user.username, one),
            key_pairs_as_of=now,
        )


def cloud_id(username: str, tenant: Tenant) -> str:
    """Who a person is to the cloud, the same in all tenants of a location."""
    return ident(f"{username}@{tenant.location.name}").replace("-", "")


def key_pair(tenant: Tenant, owner: str, name: str, **values: Any) -> KeyPair:
    """A key pair of the person of this username."""
    digits = ident(f"{owner}/{name}").replace("-", "")
    fingerprint = ":".join(digits[i : i + 2] for i in range(0, 32, 2))
    values = {"type": "ssh", "fingerprint": fingerprint} | values
    return KeyPair.objects.create(**seen(timezone.now(), tenant, name, name), user_id=cloud_id(owner, tenant), **values)


def seen(now: datetime, tenant: Tenant, external_id: str, name: str) -> dict[str, Any]:
    """What every row of the inventory has."""
    return {
        "tenant": tenant,
        "external_id": external_id,
        "name": name,
        "first_seen_at": now - timedelta(days=1),
        "changed_at": now,
    }


def server(
    tenant: Tenant,
    name: str,
    *,
    status: str = "ACTIVE",
    flavor: str = "m1.medium",
    addresses: tuple[str, ...] = (),
    groups: tuple[str, ...] = ("default",),
    age: timedelta = timedelta(days=18),
    save: bool = True,
    **values: Any,
) -> Server:
    """A server of member's on app-net; of two addresses the second is a floating one."""
    values = {"key_name": "member-laptop", "user_id": cloud_id("member", tenant)} | values
    vcpus, ram, disk = FLAVORS[flavor]
    now = timezone.now()
    handle = tenant.handle
    row = Server(
        **seen(now, tenant, ident(f"{handle}/server/{name}"), name),
        status=status,
        flavor_name=flavor,
        vcpus=vcpus,
        ram_mb=ram,
        disk_gb=disk,
        image_id=ident(f"{handle}/image/Debian 13"),
        image_name="Debian 13",
        zone="nova",
        addresses=[
            {
                "network": "app-net",
                "address": address,
                "version": 4,
                "type": "floating" if i else "fixed",
                "mac": "fa:16:3e:11:22:33",
                "port_id": ident(f"{handle}/port/{name}"),
            }
            for i, address in enumerate(addresses)
        ],
        security_groups=[{"id": ident(f"{handle}/group/{group}"), "name": group} for group in groups],
        created_at=now - age,
        **values,
    )
    if save:
        row.save()
    return row


def many_servers(tenant: Tenant, count: int) -> None:
    """So many running servers, each with a port."""
    flavors = list(FLAVORS)
    rows = [
        server(
            tenant,
            f"bulk-{i:04}",
            flavor=flavors[i % len(flavors)],
            addresses=(f"10.9.{i // 250}.{i % 250 + 1}",),
            groups=("default", "web-public") if i % 3 else ("default",),
            save=False,
        )
        for i in range(count)
    ]
    Server.objects.bulk_create(rows)
    now = timezone.now()
    network = ident(f"{tenant.handle}/network/app-net")
    Port.objects.bulk_create(
        Port(
            **seen(now, tenant, ident(f"{tenant.handle}/port/{row.name}"), ""),
            network_id=network,
            device_id=row.external_id,
            device_owner="compute:nova",
            status="ACTIVE",
            mac="fa:16:3e:11:22:33",
            fixed_ips=[{"subnet_id": ident(f"{tenant.handle}/subnet/app-net"), "address": row.addresses[0]["address"]}],
            security_group_ids=[group["id"] for group in row.security_groups],
        )
        for row in rows
    )
    measure(tenant)


def group(tenant: Tenant, name: str, description: str, *rules: tuple[str, int | None, str, str]) -> SecurityGroup:
    """A security group; a rule is (protocol, port, cidr, name of the remote group)."""
    now, handle = timezone.now(), tenant.handle
    row = SecurityGroup.objects.create(
        **seen(now, tenant, ident(f"{handle}/group/{name}"), name), description=description, created_at=now
    )
    for i, (protocol, port, cidr, remote) in enumerate(rules):
        SecurityGroupRule.objects.create(
            **seen(now, tenant, ident(f"{handle}/rule/{name}/{i}"), ""),
            group_id=row.external_id,
            direction="ingress",
            ethertype="IPv6" if ":" in cidr else "IPv4",
            protocol=protocol,
            port_min=port,
            port_max=port,
            remote_cidr=cidr,
            remote_group_id=ident(f"{handle}/group/{remote}") if remote else "",
        )
    return row


def volume(
    tenant: Tenant, name: str, size: int, *, server: str = "", device: str = "/dev/vdb", **values: Any
) -> Volume:
    """A volume, attached when a server's name is given."""
    now, handle = timezone.now(), tenant.handle
    attachments = (
        [{"server_id": ident(f"{handle}/server/{server}"), "device": device, "attached_at": now.isoformat()}]
        if server
        else []
    )
    values = {"status": "in-use" if server else "available", "volume_type": "ssd", "zone": "nova"} | values
    return Volume.objects.create(
        **seen(now, tenant, ident(f"{handle}/volume/{name}"), name),
        size_gb=size,
        attachments=attachments,
        created_at=now - timedelta(days=41),
        **values,
    )


def networks(tenant: Tenant) -> None:
    """app-net and backup-net of its own behind a router, and the external network public."""
    now, handle = timezone.now(), tenant.handle
    public = ident(f"{tenant.location.name}/network/public")
    Network.objects.create(**seen(now, tenant, public, "public"), status="ACTIVE", owned=False, external=True, mtu=1500)
    router = Router.objects.create(
        **seen(now, tenant, ident(f"{handle}/router/main"), "main"),
        status="ACTIVE",
        external_network_id=public,
        external_addresses=["198.51.100.2"],
    )
    for name, cidr, gateway in (
        ("app-net", "10.0.4.0/24", "10.0.4.1"),
        ("backup-net", "192.168.20.0/24", "192.168.20.1"),
    ):
        network = ident(f"{handle}/network/{name}")
        Network.objects.create(**seen(now, tenant, network, name), status="ACTIVE", mtu=1450, created_at=now)
        subnet = ident(f"{handle}/subnet/{name}")
        Subnet.objects.create(
            **seen(now, tenant, subnet, f"{name}-v4"),
            network_id=network,
            cidr=cidr,
            gateway=gateway,
            dns_servers=["192.0.2.53"],
            pools=[{"start": gateway[:-1] + "2", "end": gateway[:-1] + "254"}],
        )
        Port.objects.create(
            **seen(now, tenant, ident(f"{handle}/port/router/{name}"), ""),
            network_id=network,
            device_id=router.external_id,
            device_owner="network:router_interface",
            status="ACTIVE",
            fixed_ips=[{"subnet_id": subnet, "address": gateway}],
        )


def port(tenant: Tenant, row: Server, network: str = "app-net", address: str = "") -> Port:
    """The port of a server on a network."""
    handle = tenant.handle
    return Port.objects.create(
        **seen(timezone.now(), tenant, ident(f"{handle}/port/{row.name}/{network}"), ""),
        network_id=ident(f"{handle}/network/{network}"),
        device_id=row.external_id,
        device_owner="compute:nova",
        status="ACTIVE",
        mac="fa:16:3e:11:22:33",
        fixed_ips=[
            {"subnet_id": ident(f"{handle}/subnet/{network}"), "address": address or row.addresses[0]["address"]}
        ],
        security_group_ids=[one["id"] for one in row.security_groups],
    )


def floating(tenant: Tenant, address: str, row: Server | None = None) -> FloatingIP:
    """A floating IP, idle or on a server's first port."""
    handle = tenant.handle
    return FloatingIP.objects.create(
        **seen(timezone.now(), tenant, ident(f"{handle}/floating/{address}"), ""),
        address=address,
        status="ACTIVE" if row else "DOWN",
        network_id=ident(f"{tenant.location.name}/network/public"),
        port_id=ident(f"{handle}/port/{row.name}/app-net") if row else "",
        fixed_address=row.addresses[0]["address"] if row else "",
        server_id=row.external_id if row else "",
        router_id=ident(f"{handle}/router/main") if row else "",
        created_at=timezone.now() - timedelta(days=41),
    )


def limits(tenant: Tenant, **values: tuple[int | None, int | None]) -> None:
    """Used and allowed by measure: limits(tenant, vcpus=(38, 40))."""
    for measure, (used, allowed) in values.items():
        Limit.objects.update_or_create(
            tenant=tenant, measure=Measure(measure), defaults={"used": used, "allowed": allowed}
        )


def samples(tenant: Tenant, measure: Measure, values: list[int], allowed: int | None, days: float = 7) -> None:
    """Usage over the last days: `values` in equal stretches, a sample every five minutes."""
    step = timedelta(minutes=5)
    count = int(timedelta(days=days) / step)
    start = timezone.now().replace(second=0, microsecond=0) - days * timedelta(days=1)
    UsageSample.objects.bulk_create(
        UsageSample(
            tenant=tenant,
            measure=measure,
            at=start + (i + 1) * step,
            used=values[i * len(values) // count],
            allowed=allowed,
        )
        for i in range(count)
    )


def measure(tenant: Tenant) -> None:
    """Writes the headline figures, as the end of a refresh does."""
    tenant.figures = figures.measure(tenant)
    tenant.changing = figures.is_changing(tenant)
    Tenant.objects.filter(pk=tenant.pk).update(figures=tenant.figures, changing=tenant.changing)


def change(
    tenant: Tenant, kind: str, name: str, verb: str, minutes: float, external_id: str = "", **fields: Any
) -> Change:
    """A change that a refresh saw so many minutes ago."""
    return Change.objects.create(
        tenant=tenant,
        seen_at=timezone.now() - timedelta(minutes=minutes),
        verb=verb,
        kind=kind,
        external_id=external_id or ident(f"{tenant.handle}/{kind}/{name}"),
        name=name,
        fields=fields,
    )


def flavors(tenant: Tenant) -> None:
    """The flavors of the cloud."""
    now = timezone.now()
    for name, (vcpus, ram, disk) in FLAVORS.items():
        Flavor.objects.create(**seen(now, tenant, name, name), vcpus=vcpus, ram_mb=ram, disk_gb=disk)


def choices(tenant: Tenant) -> None:
    """What forms offer besides flavors and images: volume types, zones, and the key pairs of `member`."""
    now = timezone.now()
    for name, default in (("ssd", True), ("hdd", False)):
        VolumeType.objects.create(**seen(now, tenant, ident(f"type/{name}"), name), default=default)
    for service in (Service.COMPUTE, Service.BLOCK_STORAGE):
        Zone.objects.create(**seen(now, tenant, "nova", "nova"), service=service)
    for name in ("deploy", "member-desktop", "member-laptop"):
        key_pair(tenant, "member", name)


def atlas_north(tenant: Tenant, *, history: bool) -> None:
    """The tenant of the mock-ups."""
    now, days = timezone.now(), timedelta(days=1)
    networks(tenant)
    flavors(tenant)
    choices(tenant)
    group(tenant, "default", "Default security group", ("", None, "", "default"))
    group(tenant, "web-public", "", *[("tcp", p, c, "") for p in (80, 443) for c in ("0.0.0.0/0", "::/0")])
    group(tenant, "ssh-office", "Office", ("tcp", 22, "203.0.113.0/24", ""))
    group(tenant, "db-internal", "", ("tcp", 5432, "", "app"))
    group(tenant, "app", "Source of db-internal")
    group(tenant, "monitoring", "", ("tcp", 9100, "10.0.9.0/24", ""))
    bastion = server(
        tenant,
        "bastion",
        flavor="m1.tiny",
        addresses=("10.0.4.5", "198.51.100.11"),
        groups=("ssh-office",),
        age=212 * days,
    )
    web_01 = server(
        tenant,
        "web-01",
        addresses=("10.0.4.17", "198.51.100.24"),
        groups=("ssh-office", "web-public"),
        age=41 * days,
        volumes=[
            {"id": ident(f"{tenant.handle}/volume/web-01-root"), "device": "/dev/vda", "delete_on_termination": False},
            {"id": ident(f"{tenant.handle}/volume/web-assets"), "device": "/dev/vdb", "delete_on_termination": False},
        ],
        metadata={"role": "frontend", "stage": "production"},
    )
    web_02 = server(tenant, "web-02", addresses=("10.0.4.18",), groups=("web-public", "ssh-office"), age=41 * days)
    for row in (bastion, web_01, web_02):
        port(tenant, row)
    port(tenant, web_01, "backup-net", "192.168.20.4")
    server(tenant, "db-01", flavor="m1.large", addresses=("10.0.4.21",), groups=("db-internal",), age=96 * days)
    server(tenant, "db-02", flavor="m1.large", addresses=("10.0.4.22",), groups=("db-internal",), age=96 * days)
    server(tenant, "web-03", addresses=("10.0.4.19",), status="SHUTOFF", groups=("web-public",), age=41 * days)
    server(tenant, "batch-01", addresses=("10.0.4.40",), status="SHUTOFF", flavor="m1.small", age=7 * days)
    for n in range(1, 7):
        server(tenant, f"worker-{n:02}", addresses=(f"10.0.4.{30 + n}",), flavor="c1.medium")
    server(
        tenant,
        "worker-07",
        status="ERROR",
        flavor="m1.large",
        fault=NO_HOST,
        fault_code=500,
        age=timedelta(minutes=14),
    )
    volume(tenant, "web-01-root", 20, server="web-01", device="/dev/vda", bootable=True)
    volume(tenant, "web-assets", 100, server="web-01")
    volume(tenant, "logs-01", 80, server="web-02")
    volume(tenant, "pg-data-01", 200, server="db-01")
    volume(tenant, "pg-data-02", 100, server="db-02")
    volume(tenant, "worker-scratch-01", 20, server="worker-01")
    volume(tenant, "worker-scratch-02", 20, server="worker-02")
    volume(tenant, "logs-archive", 60)
    volume(tenant, "scratch-01", 40, volume_type="hdd")
    for name, of in (
        ("pg-data-01-monday", "pg-data-01"),
        ("pg-data-01-sunday", "pg-data-01"),
        ("web-assets-1", "gone"),
    ):
        Snapshot.objects.create(
            **seen(now, tenant, ident(f"{tenant.handle}/snapshot/{name}"), name),
            status="available",
            size_gb=200,
            volume_id=ident(f"{tenant.handle}/volume/{of}"),
            created_at=now - 2 * days,
        )
    floating(tenant, "198.51.100.11", bastion)
    floating(tenant, "198.51.100.24", web_01)
    floating(tenant, "198.51.100.27")
    for name, owned, size in (
        ("Debian 13", False, 412_000_000),
        ("Ubuntu 26.04", False, 640_000_000),
        ("web", True, None),
    ):
        Image.objects.create(
            **seen(now, tenant, ident(f"{tenant.handle}/image/{name}"), name),
            status="active" if size else "queued",
            visibility="private" if owned else "public",
            owned=owned,
            size_bytes=size,
            disk_format="qcow2",
            os_distro=name.split()[0].lower(),
            created_at=now - 30 * days,
        )
    for name, objects, size in (
        ("assets", 15_900, 38_100_000_000),
        ("backups", 2_200, 3_600_000_000),
        ("logs", 100, 1),
    ):
        Container.objects.create(
            **seen(now, tenant, name, name), objects_count=objects, bytes_used=size, updated_at=now
        )
    limits(
        tenant,
        vcpus=(38, 40),
        ram_mb=(110 * 1024, 160 * 1024),
        servers=(14, 20),
        volume_gb=(640, 1000),
        volumes=(9, 20),
        snapshots=(3, 10),
        floating_ips=(3, 10),
        networks=(2, 5),
        security_groups=(6, 10),
        security_group_rules=(41, 100),
        key_pairs=(3, 10),
        subnets=(2, 100),
        object_bytes=(41_700_000_001, None),
    )
    if history:
        samples(tenant, Measure.VCPUS, [22, 24, 24, 26, 28, 26, 30, 30, 32, 32, 28, 32, 34, 34, 38, 38, 36, 38], 40)
    change(tenant, "server", "web-03", "changed", 11, status=["ACTIVE", "SHUTOFF"])
    change(tenant, "server", "worker-07", "changed", 14, status=["BUILD", "ERROR"])
    change(tenant, "volume", "logs-01", "changed", 43, attachments=[[], ["x"]])
    change(tenant, "floatingip", "198.51.100.27", "appeared", 48)
    change(tenant, "server", "db-01", "changed", 1200, flavor_name=["m1.medium", "m1.large"])
    change(tenant, "server", "old-01", "vanished", 1400)
    measure(tenant)


def small(tenant: Tenant, count: int = 5, *, history: bool) -> None:
    """A tenant with a few running servers and volumes."""
    networks(tenant)
    choices(tenant)
    group(tenant, "default", "Default security group", ("", None, "", "default"))
    for n in range(1, count + 1):
        server(tenant, f"app-{n:02}", addresses=(f"10.0.4.{n + 10}",), flavor="m1.small")
    for n in range(1, 4):
        volume(tenant, f"data-{n:02}", 70 + n, server=f"app-{n:02}")
    floating(tenant, "198.51.100.90")
    limits(tenant, vcpus=(12, 20), ram_mb=(24 * 1024, 40 * 1024), servers=(count, 10), volume_gb=(220, 500))
    limits(tenant, floating_ips=(1, 5))
    if history:
        samples(tenant, Measure.VCPUS, [8, 9, 8, 10, 12, 11, 12], 20)
    measure(tenant)


def cast(*, history: bool = False) -> Cast:
    """Everyone and everything of the mock-ups; with `history` also 7 days of usage (2,016 samples a tenant)."""
    north, south = location("north"), location("south", 1)
    atlas_project = Project.objects.create(
        slug="atlas", name="atlas", description="Shop backend, staging and production"
    )
    borealis_project = Project.objects.create(slug="borealis", name="borealis", description="Weather model runs")
    atlas, atlas_south = tenant(atlas_project, north), tenant(atlas_project, south)
    borealis = tenant(borealis_project, north)
    people = Cast(
        person("admin", staff=True),
        person("member"),
        person("reader"),
        person("stranger"),
        north,
        south,
        atlas,
        atlas_south,
        borealis,
    )
    join(people.admin, atlas, atlas_south, borealis, role=Role.ADMIN)
    join(people.member, atlas, atlas_south, borealis)
    join(people.reader, atlas, atlas_south, role=Role.READER)
    for user in (people.admin, people.member, people.reader, people.stranger):
        for place in (north, south):
            Discovery.objects.create(
                user=user,
                location=place,
                tried_at=timezone.now(),
                found=user.memberships.filter(tenant__location=place).count(),
            )
    atlas_north(atlas, history=history)
    small(atlas_south, history=history)
    small(borealis, 8, history=history)
    return people
