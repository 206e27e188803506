"""What several services tell of themselves: their availability zones."""

from clouds.openstack.inventory import zones
from clouds.openstack.services import Service
from projects.refresh.differences import Values
from services.openstack.models import Zone
from services.openstack.rows import OpenStackRows


class Zones(OpenStackRows[zones.Zone]):
    """Zones, of which compute and block storage each have their own; read every two minutes."""

    row = zones.Zone
    model = Zone
    service = Service.COMPUTE
    field = "zones"

    def is_in(self, service: Service) -> bool:
        return service in (Service.COMPUTE, Service.BLOCK_STORAGE)

    def part(self, service: Service) -> Values:
        return {"service": service.value}
