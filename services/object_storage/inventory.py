"""What swift tells fills this model."""

from clouds.openstack.inventory import object_store
from clouds.openstack.services import Service
from services.object_storage.models import Container
from services.openstack.rows import OpenStackRows


class Containers(OpenStackRows[object_store.Container]):
    """Containers."""

    row = object_store.Container
    model = Container
    service = Service.OBJECT_STORE
    field = "containers"
