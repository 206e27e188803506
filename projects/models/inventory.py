"""Typed rows of what the clouds have, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
Lists that a page always shows whole with their owner (a server's addresses) are JSON of a stated shape; what has a
page, a filter or a count of its own is a table.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.location import Service
from projects.models.project import Tenant


class Resource(models.Model):
    """What every row of the inventory has."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="%(class)ss")
    # 256 is the longest that any service allows: a container's name, which is its id.
    external_id = models.CharField(max_length=256, help_text=_("The cloud's id."))
    name = models.CharField(max_length=256, blank=True)
    first_seen_at = models.DateTimeField(help_text=_("When a refresh saw it first."))
    changed_at = models.DateTimeField(help_text=_("When a refresh last saw it differ."))

    class Meta:
        abstract = True
        ordering = ["name", "external_id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="one_%(class)s_per_tenant_and_id")
        ]
        indexes = [models.Index(fields=["tenant", "name"], name="%(class)s_by_name")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Server(Resource):
    """Nova's server."""

    status = models.CharField(max_length=40)
    task_state = models.CharField(max_length=40, blank=True)
    power_state = models.CharField(max_length=20, blank=True)
    fault_code = models.IntegerField(null=True, blank=True)
    fault = models.TextField(blank=True, help_text=_("The cloud's own words about an error."))
    flavor_name = models.CharField(max_length=255, blank=True)
    vcpus = models.PositiveIntegerField(default=0)
    ram_mb = models.PositiveIntegerField(default=0)
    disk_gb = models.PositiveIntegerField(default=0)
    image_id = models.CharField(max_length=64, blank=True, help_text=_("Empty when it boots from a volume."))
    image_name = models.CharField(max_length=255, blank=True)
    key_name = models.CharField(max_length=255, blank=True)
    zone = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=64, blank=True)
    locked = models.BooleanField(default=False)
    config_drive = models.BooleanField(default=False)
    # [{"network", "address", "version": 4|6, "type": "fixed"|"floating", "mac", "port_id"}]
    addresses = models.JSONField(default=list)
    # [{"id", "device", "delete_on_termination"}], device empty where the cloud does not say
    volumes = models.JSONField(default=list)
    # [{"id", "name"}], the union over its ports
    security_groups = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta(Resource.Meta):
        indexes = [*Resource.Meta.indexes, models.Index(fields=["tenant", "status"], name="server_by_status")]


class Volume(Resource):
    """Cinder's volume."""

    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    size_gb = models.PositiveIntegerField()
    volume_type = models.CharField(max_length=255, blank=True)
    bootable = models.BooleanField(default=False)
    encrypted = models.BooleanField(default=False)
    multiattach = models.BooleanField(default=False)
    zone = models.CharField(max_length=255, blank=True)
    image_id = models.CharField(max_length=64, blank=True)
    image_name = models.CharField(max_length=255, blank=True)
    snapshot_id = models.CharField(max_length=64, blank=True)
    source_volume_id = models.CharField(max_length=64, blank=True)
    # of each: [{"server_id", "device", "attached_at"}]
    attachments = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    user_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)


class Snapshot(Resource):
    """Cinder's volume snapshot."""

    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    size_gb = models.PositiveIntegerField()
    volume_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(null=True, blank=True)


class SecurityGroup(Resource):
    """Neutron's security group; its rules are rows of their own."""

    description = models.TextField(blank=True)
    stateful = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True, blank=True)


class SecurityGroupRule(Resource):
    """One rule of a security group. An empty protocol, port or remote means any."""

    group_id = models.CharField(max_length=64, db_index=True, help_text=_("The group's external id."))
    description = models.TextField(blank=True)
    direction = models.CharField(max_length=10)
    ethertype = models.CharField(max_length=10)
    protocol = models.CharField(max_length=40, blank=True)
    port_min = models.IntegerField(null=True, blank=True, help_text=_("ICMP: the type."))
    port_max = models.IntegerField(null=True, blank=True, help_text=_("ICMP: the code."))
    remote_cidr = models.CharField(max_length=64, blank=True)
    remote_group_id = models.CharField(max_length=64, blank=True)


class Network(Resource):
    """Neutron's network: the tenant's own, and those shared with it or external."""

    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    owned = models.BooleanField(default=True, help_text=_("Belongs to this tenant."))
    shared = models.BooleanField(default=False)
    external = models.BooleanField(default=False)
    admin_state_up = models.BooleanField(default=True)
    port_security = models.BooleanField(default=True)
    mtu = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)


class Subnet(Resource):
    """Neutron's subnet."""

    network_id = models.CharField(max_length=64, db_index=True)
    ip_version = models.PositiveSmallIntegerField(default=4)
    cidr = models.CharField(max_length=64)
    gateway = models.CharField(max_length=64, blank=True)
    dhcp = models.BooleanField(default=True)
    dns_servers = models.JSONField(default=list)  # ["192.0.2.53"]
    pools = models.JSONField(default=list)  # [{"start", "end"}]


class Port(Resource):
    """Neutron's port: where a server, a router or a floating IP touches a network."""

    network_id = models.CharField(max_length=64, db_index=True)
    device_id = models.CharField(max_length=255, blank=True, db_index=True)
    device_owner = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=40)
    mac = models.CharField(max_length=32, blank=True)
    port_security = models.BooleanField(default=True)
    fixed_ips = models.JSONField(default=list)  # [{"subnet_id", "address"}]
    security_group_ids = models.JSONField(default=list)  # ["…"]


class Router(Resource):
    """Neutron's router."""

    status = models.CharField(max_length=40)
    admin_state_up = models.BooleanField(default=True)
    external_network_id = models.CharField(max_length=64, blank=True)
    external_addresses = models.JSONField(default=list)  # ["203.0.113.5"]


class FloatingIP(Resource):
    """Neutron's floating IP; `name` is empty, `address` is what people call it."""

    address = models.GenericIPAddressField()
    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    network_id = models.CharField(max_length=64, help_text=_("The external network it comes from."))
    port_id = models.CharField(max_length=64, blank=True)
    fixed_address = models.CharField(max_length=64, blank=True)
    router_id = models.CharField(max_length=64, blank=True)
    server_id = models.CharField(max_length=64, blank=True, help_text=_("The server of its port."))
    created_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.address


class Image(Resource):
    """Glance's image, as far as this tenant sees it."""

    status = models.CharField(max_length=40)
    visibility = models.CharField(max_length=20)
    owned = models.BooleanField(default=False)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    min_disk_gb = models.PositiveIntegerField(default=0)
    min_ram_mb = models.PositiveIntegerField(default=0)
    disk_format = models.CharField(max_length=20, blank=True)
    os_distro = models.CharField(max_length=60, blank=True)
    os_version = models.CharField(max_length=60, blank=True)
    architecture = models.CharField(max_length=40, blank=True)
    server_id = models.CharField(max_length=64, blank=True, help_text=_("The server that it is a snapshot of."))
    protected = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True, blank=True)


class Flavor(Resource):
    """Nova's flavor."""

    vcpus = models.PositiveIntegerField()
    ram_mb = models.PositiveIntegerField()
    disk_gb = models.PositiveIntegerField()
    ephemeral_gb = models.PositiveIntegerField(default=0)
    public = models.BooleanField(default=True)


class KeyPair(Resource):
    """Nova's key pair, one of a person and not of the tenant: members see their own and nobody else's.

    `external_id` is its name, which only its owner has but once.
    """

    user_id = models.CharField(max_length=64, help_text=_("The owner, by the cloud's id of the person."))
    type = models.CharField(max_length=20, default="ssh")
    fingerprint = models.CharField(max_length=255, blank=True)

    class Meta(Resource.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user_id", "external_id"], name="one_keypair_per_tenant_owner_and_id"
            )
        ]


class VolumeType(Resource):
    """Cinder's volume type, one that the tenant may use."""

    description = models.TextField(blank=True)
    public = models.BooleanField(default=True)
    default = models.BooleanField(default=False, help_text=_("What a volume gets that names no type."))


class Zone(Resource):
    """An availability zone that is up; `external_id` is its name. Compute and block storage have zones of their own."""

    service = models.CharField(max_length=20, choices=Service)

    class Meta(Resource.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "service", "external_id"], name="one_zone_per_tenant_and_service")
        ]


class Container(Resource):
    """Swift's container; `external_id` is its name."""

    objects_count = models.PositiveBigIntegerField(default=0)
    bytes_used = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True, blank=True)


INVENTORY: tuple[type[Resource], ...] = (
    Server,
    Volume,
    Snapshot,
    SecurityGroup,
    SecurityGroupRule,
    Network,
    Subnet,
    Port,
    Router,
    FloatingIP,
    Image,
    Flavor,
    KeyPair,
    VolumeType,
    Zone,
    Container,
)
