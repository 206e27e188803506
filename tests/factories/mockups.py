"""What the mock-ups show: the demo's people and places, and everything in them."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from clouds.cloudfoundry.http import Part
from portal.identity.models import User
from projects.models import Discovery, Location, LocationService, Project, Role, Tenant
from services.block_storage.models import Snapshot, VolumeType
from services.images.models import Image
from services.object_storage.models import Container
from services.openstack.models import Zone
from services.openstack.words import Measure, Service
from tests.factories.mould import Mould
from tests.factories.networking import floating, group, networks, port
from tests.factories.people import join, key_pair, person
from tests.factories.places import location, tenant
from tests.factories.rows import ident, seen
from tests.factories.servers import NO_HOST, flavors, server
from tests.factories.usage import change, limits, measure, samples
from tests.factories.volumes import volume


@dataclass
class Cast:
    """The people and places of the demo."""

    admin: User
    member: User
    reader: User
    stranger: User
    north: Location
    south: Location
    atlas: Tenant
    atlas_south: Tenant
    borealis: Tenant


def foundation(cast: Cast) -> Tenant:
    """Add atlas at a Cloud Foundry location, for those who are members of it elsewhere."""
    now = timezone.now()
    place = Location.objects.create(
        name="north-cf",
        kind="cloudfoundry",
        position=2,
        auth_url="https://api.cf.north.example",
        identity_provider="meshdeck",
        health=Location.Health.ANSWERS,
        answered_at=now,
        checked_at=now,
    )
    for service, host in ((Part.CLOUD_CONTROLLER, "api"), (Part.UAA, "uaa"), (Part.LOGIN, "login")):
        LocationService.objects.create(
            location=place, service=service, url=f"https://{host}.cf.north.example", answers=True, checked_at=now
        )
    space = Tenant.objects.create(
        project=cast.atlas.project,
        location=place,
        external_id=ident("space/atlas/production"),
        external_name="atlas",
        space="production",
        looked_at=now,
    )
    for user, role in ((cast.admin, Role.ADMIN), (cast.member, Role.MEMBER), (cast.reader, Role.READER)):
        join(user, space, role=role)
    for user in (cast.admin, cast.member, cast.reader, cast.stranger):
        found = user.memberships.filter(tenant=space).count()
        Discovery.objects.create(user=user, location=place, tried_at=now, found=found)
    return space


def choices(tenant: Tenant) -> None:
    """Add what forms offer besides flavors and images: volume types, zones, and the key pairs of `member`."""
    now = timezone.now()
    for name, default in (("ssd", True), ("hdd", False)):
        VolumeType.objects.create(**seen(now, tenant, ident(f"type/{name}"), name), default=default)
    for service in (Service.COMPUTE, Service.BLOCK_STORAGE):
        Zone.objects.create(**seen(now, tenant, "nova", "nova"), service=service)
    for name in ("deploy", "member-desktop", "member-laptop"):
        key_pair(tenant, "member", name)


def atlas_north(tenant: Tenant) -> None:
    """Fill the tenant of the mock-ups."""
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
    change(tenant, "server", "web-03", "changed", 11, status=["ACTIVE", "SHUTOFF"])
    change(tenant, "server", "worker-07", "changed", 14, status=["BUILD", "ERROR"])
    change(tenant, "volume", "logs-01", "changed", 43, attachments=[[], ["x"]])
    change(tenant, "floatingip", "198.51.100.27", "appeared", 48)
    change(tenant, "server", "db-01", "changed", 1200, flavor_name=["m1.medium", "m1.large"])
    change(tenant, "server", "old-01", "vanished", 1400)
    measure(tenant)


def small(tenant: Tenant, count: int = 5) -> None:
    """Fill a tenant with a few running servers and volumes."""
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
    measure(tenant)


def cast(*, history: bool = False) -> Cast:
    """Build everything in the mock-ups; with `history` also 7 days of usage (2,016 samples per tenant)."""
    people = _cast()
    if history:
        atlas = [22, 24, 24, 26, 28, 26, 30, 30, 32, 32, 28, 32, 34, 34, 38, 38, 36, 38]
        samples(people.atlas, Measure.VCPUS, atlas, 40)
        for one in (people.atlas_south, people.borealis):
            samples(one, Measure.VCPUS, [8, 9, 8, 10, 12, 11, 12], 20)
    return people


def build_cast() -> Cast:
    """Build the same, saving each row separately."""
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
    atlas_north(atlas)
    small(atlas_south)
    small(borealis, 8)
    return people


_cast = Mould(build_cast)
