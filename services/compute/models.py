"""Servers, flavors and key pairs: typed rows, each written by a refresh and read by the pages.

Names of fields follow the services' own API references (docs.openstack.org/api-ref); sizes carry their unit.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import Resource


class Server(Resource):
    """Nova's server."""

    status = models.CharField(max_length=40)
    task_state = models.CharField(max_length=40, blank=True)
    power_state = models.CharField(max_length=20, blank=True)
    fault_code = models.IntegerField(null=True, blank=True)
    fault = models.TextField(blank=True, help_text=_("The cloud's own words about an error."))
    flavor_name = models.CharField(max_length=255, blank=True)
    vcpus = models.PositiveIntegerField(default=0)
    ram_mb = models.PositiveIntegerField(default=0)
    disk_gb = models.PositiveIntegerField(default=0)
    image_id = models.CharField(max_length=64, blank=True, help_text=_("Empty when it boots from a volume."))
    image_name = models.CharField(max_length=255, blank=True)
    key_name = models.CharField(max_length=255, blank=True)
    zone = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=64, blank=True)
    locked = models.BooleanField(default=False)
    config_drive = models.BooleanField(default=False)
    # [{"network", "address", "version": 4|6, "type": "fixed"|"floating", "mac", "port_id"}]
    addresses = models.JSONField(default=list)
    # [{"id", "device", "delete_on_termination"}], device empty where the cloud does not say
    volumes = models.JSONField(default=list)
    # [{"id", "name"}], the union over its ports
    security_groups = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta(Resource.Meta):
        indexes = [*Resource.Meta.indexes, models.Index(fields=["tenant", "status"], name="server_by_status")]


class Flavor(Resource):
    """Nova's flavor."""

    vcpus = models.PositiveIntegerField()
    ram_mb = models.PositiveIntegerField()
    disk_gb = models.PositiveIntegerField()
    ephemeral_gb = models.PositiveIntegerField(default=0)
    public = models.BooleanField(default=True)


class KeyPair(Resource):
    """Nova's key pair, one of a person and not of the tenant: members see their own and nobody else's.

    `external_id` is its name, which only its owner has but once.
    """

    personal = True

    user_id = models.CharField(max_length=64, help_text=_("The owner, by the cloud's id of the person."))
    type = models.CharField(max_length=20, default="ssh")
    fingerprint = models.CharField(max_length=255, blank=True)

    class Meta(Resource.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user_id", "external_id"], name="one_keypair_per_tenant_owner_and_id"
            )
        ]
