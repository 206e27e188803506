"""What glance tells fills this model."""

from clouds.openstack.inventory import image
from clouds.openstack.services import Service
from services.images.models import Image
from services.openstack.rows import OpenStackRows


class Images(OpenStackRows[image.Image]):
    """Images, read every two minutes."""

    row = image.Image
    model = Image
    service = Service.IMAGE
    field = "images"
