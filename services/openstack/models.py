"""Availability zones, of which compute and block storage each have their own.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models

from projects.models import Resource


class Zone(Resource):
    """An availability zone that is up; `external_id` is its name. Compute and block storage have zones of their own."""

    service = models.CharField(max_length=20)

    class Meta(Resource.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "service", "external_id"], name="one_zone_per_tenant_and_service")
        ]
