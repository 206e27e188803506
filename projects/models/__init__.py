"""What a project has: locations, tenants, members, what is read of its clouds, and usage over time."""

from projects.models.change import Change
from projects.models.limit import Limit, UsageSample
from projects.models.location import Location, LocationService
from projects.models.operation import Operation, OperationTarget
from projects.models.project import Discovery, Membership, Project, Reading, Role, Tenant
from projects.models.resource import Resource, inventory

__all__ = [
    "Change",
    "Discovery",
    "Limit",
    "Location",
    "LocationService",
    "Membership",
    "Operation",
    "OperationTarget",
    "Project",
    "Reading",
    "Resource",
    "Role",
    "Tenant",
    "UsageSample",
    "inventory",
]
