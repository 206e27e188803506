"""Volumes, snapshots and volume types: typed rows, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import Resource


class Volume(Resource):
    """Cinder's volume."""

    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    size_gb = models.PositiveIntegerField()
    volume_type = models.CharField(max_length=255, blank=True)
    bootable = models.BooleanField(default=False)
    encrypted = models.BooleanField(default=False)
    multiattach = models.BooleanField(default=False)
    zone = models.CharField(max_length=255, blank=True)
    image_id = models.CharField(max_length=64, blank=True)
    image_name = models.CharField(max_length=255, blank=True)
    snapshot_id = models.CharField(max_length=64, blank=True)
    source_volume_id = models.CharField(max_length=64, blank=True)
    # of each: [{"server_id", "device", "attached_at"}]
    attachments = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    user_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)


class Snapshot(Resource):
    """Cinder's volume snapshot."""

    description = models.TextField(blank=True)
    status = models.CharField(max_length=40)
    size_gb = models.PositiveIntegerField()
    volume_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(null=True, blank=True)


class VolumeType(Resource):
    """Cinder's volume type, one that the tenant may use."""

    description = models.TextField(blank=True)
    public = models.BooleanField(default=True)
    default = models.BooleanField(default=False, help_text=_("What a volume gets that names no type."))
