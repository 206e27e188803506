"""Everything that a project has in a cloud, read in one go."""

from clouds.openstack.inventory.read import Inventory, Part, read

__all__ = ["Inventory", "Part", "read"]
