"""What a project has: locations, tenants, members, the inventory of its clouds, and usage over time."""

from projects.models.change import Change
from projects.models.inventory import (
    INVENTORY,
    Container,
    Flavor,
    FloatingIP,
    Image,
    KeyPair,
    Network,
    Port,
    Resource,
    Router,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    Snapshot,
    Subnet,
    Volume,
    VolumeType,
    Zone,
)
from projects.models.limit import Limit, Measure, UsageSample
from projects.models.location import Location, LocationService, Service
from projects.models.operation import Operation, OperationTarget
from projects.models.project import Discovery, Membership, Project, Reading, Role, Tenant

__all__ = [
    "INVENTORY",
    "Change",
    "Container",
    "Discovery",
    "Flavor",
    "FloatingIP",
    "Image",
    "KeyPair",
    "Limit",
    "Location",
    "LocationService",
    "Measure",
    "Membership",
    "Network",
    "Operation",
    "OperationTarget",
    "Port",
    "Project",
    "Reading",
    "Resource",
    "Role",
    "Router",
    "SecurityGroup",
    "SecurityGroupRule",
    "Server",
    "Service",
    "Snapshot",
    "Subnet",
    "Tenant",
    "UsageSample",
    "Volume",
    "VolumeType",
    "Zone",
]
