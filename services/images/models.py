"""Images: typed rows, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import Resource


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
