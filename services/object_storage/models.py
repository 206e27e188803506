"""Containers: typed rows, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models

from projects.models import Resource


class Container(Resource):
    """Swift's container; `external_id` is its name."""

    objects_count = models.PositiveBigIntegerField(default=0)
    bytes_used = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True, blank=True)
