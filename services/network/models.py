"""Networks, routers, floating IPs and security groups: typed rows, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import Resource


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
    # ["…"] of an external network, whose subnets' rows are mostly not shown. None: not external, or not said.
    subnet_ids = models.JSONField(null=True, default=None)
    created_at = models.DateTimeField(null=True, blank=True)


class Subnet(Resource):
    """Neutron's subnet."""

    network_id = models.CharField(max_length=64, db_index=True)
    ip_version = models.PositiveSmallIntegerField(default=4)
    cidr = models.CharField(max_length=64)
    gateway = models.CharField(max_length=64, blank=True)
    dhcp = models.BooleanField(default=True)
    # "slaac", "dhcpv6-stateful" or "dhcpv6-stateless"; empty: IPv4, or addresses that the cloud does not give
    ipv6_address_mode = models.CharField(max_length=30, blank=True)
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


class AddressGroup(Resource):
    """Neutron's address group: addresses with one name, the tenant's own and those shared with it."""

    description = models.TextField(blank=True)
    owned = models.BooleanField(default=True, help_text=_("Belongs to this tenant."))
    addresses = models.JSONField(default=list)  # ["203.0.113.0/24"]


class SecurityGroup(Resource):
    """Neutron's security group, the tenant's own and those shared with it; its rules are rows of their own."""

    description = models.TextField(blank=True)
    owned = models.BooleanField(default=True, help_text=_("Belongs to this tenant."))
    stateful = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True, blank=True)


class SecurityGroupRule(Resource):
    """One rule of a security group. An empty protocol, port or remote means any, unless something of it is unread."""

    group_id = models.CharField(max_length=64, db_index=True, help_text=_("The group's external id."))
    description = models.TextField(blank=True)
    direction = models.CharField(max_length=10)
    ethertype = models.CharField(max_length=10)
    protocol = models.CharField(max_length=40, blank=True)
    port_min = models.IntegerField(null=True, blank=True, help_text=_("ICMP: the type."))
    port_max = models.IntegerField(null=True, blank=True, help_text=_("ICMP: the code."))
    remote_cidr = models.CharField(max_length=64, blank=True)
    remote_group_id = models.CharField(max_length=64, blank=True)
    remote_address_group_id = models.CharField(max_length=64, blank=True)
    unread = models.JSONField(default=list, help_text=_("Fields of the cloud's rule that are not known here."))
