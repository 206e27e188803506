"""Availability zones: nova and cinder each have their own, in the same shape.

Source: api-ref/compute and api-ref/block-storage/v3, GET /os-availability-zone.
"""

from pydantic import AliasPath, Field, TypeAdapter

from clouds.openstack.inventory.values import Row
from clouds.openstack.paging import get_part
from clouds.openstack.services import Service
from clouds.openstack.session import Connection


class Zone(Row):
    """A zone. `external_id` is its name; `service` is the service it belongs to ("compute", "block-storage")."""

    external_id: str = Field(validation_alias="zoneName", min_length=1)
    name: str = Field(validation_alias="zoneName")
    service: str = ""
    available: bool = Field(True, validation_alias=AliasPath("zoneState", "available"), exclude=True)


_ZONES = TypeAdapter(list[Zone])


def list_zones(connection: Connection, service: Service) -> list[Zone]:
    """List the service's available zones (GET /os-availability-zone)."""
    zones = get_part(connection, service, "/os-availability-zone", ("availabilityZoneInfo",), _ZONES)
    return [zone.model_copy(update={"service": service.value}) for zone in zones if zone.available]
