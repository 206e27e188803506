"""What every row of the inventory has: a thing in a cloud, written by a refresh and read by the pages.

Each wing declares its own kinds of rows. Lists that a page always shows whole with their owner (a server's addresses)
are JSON of a stated shape; what has a page, a filter or a count of its own is a table.
"""

from typing import ClassVar

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Tenant


class Resource(models.Model):
    """What every row of the inventory has."""

    # Whether rows are one person's own, whom `user_id` names as the cloud does, and nobody else sees them.
    personal: ClassVar[bool] = False

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="%(class)ss")
    # 256 is the longest that any service allows: a container's name, which is its id.
    external_id = models.CharField(max_length=256, help_text=_("The cloud's id."))
    name = models.CharField(max_length=256, blank=True)
    first_seen_at = models.DateTimeField(help_text=_("When a refresh saw it first."))
    changed_at = models.DateTimeField(help_text=_("When a refresh last saw it differ."))

    class Meta:
        abstract = True
        ordering = ["name", "external_id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="one_%(class)s_per_tenant_and_id")
        ]
        indexes = [models.Index(fields=["tenant", "name"], name="%(class)s_by_name")]

    def __str__(self) -> str:
        return self.name or self.external_id


def inventory() -> list[type[Resource]]:
    """Return every model of the inventory, as the wings declare them."""
    return [model for model in apps.get_models() if issubclass(model, Resource)]
