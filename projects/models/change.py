"""What changed lately, as refreshes saw it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Tenant


class Change(models.Model):
    """One difference between two refreshes, whoever made it."""

    class Verb(models.TextChoices):
        APPEARED = "appeared", _("appeared")
        CHANGED = "changed", _("changed")
        VANISHED = "vanished", _("vanished")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="changes")
    seen_at = models.DateTimeField()
    verb = models.CharField(max_length=10, choices=Verb)
    kind = models.CharField(max_length=30, help_text=_("Model name of the resource, lower case."))
    external_id = models.CharField(max_length=256)
    name = models.CharField(max_length=256, blank=True)
    # {"status": ["ACTIVE", "SHUTOFF"]}: the fields worth telling, old and new. {"created_at": [None, iso]} where the
    # cloud tells of something from before Meshdeck looked; seen_at is that time then
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ["-seen_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-seen_at"], name="change_by_tenant_and_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.verb}"
