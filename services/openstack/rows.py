"""What the kinds of rows of OpenStack's services have in common: of which service's answer they are."""

from types import MappingProxyType
from typing import ClassVar, TypeVar

from pydantic import BaseModel

from clouds.openstack.inventory import Inventory
from clouds.openstack.services import Service
from projects.observed import Rows
from projects.refresh.differences import Values

R = TypeVar("R", bound=BaseModel)


class OpenStackRows(Rows[R]):
    """Rows in the answer of one service."""

    service: ClassVar[Service]
    # Where in the service's answer they are; empty: not read with it. None there: not asked for this time.
    field: ClassVar[str] = ""

    def is_in(self, service: Service) -> bool:
        """Tell whether they are read with this service."""
        return bool(self.field) and service is self.service

    def part(self, service: Service) -> Values:
        """Return what tells the rows of this service's answer from others of the kind (`only` of differences.write)."""
        return MappingProxyType({})

    def lacking(self, seen: Inventory) -> frozenset[str]:
        """Return the columns that lack what another service knows, because that one could not be read."""
        return frozenset()
