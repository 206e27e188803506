"""What changed lately, as refreshes saw it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.operation import Operation
from projects.models.project import Tenant


class Change(models.Model):
    """One difference between two refreshes, whoever made it."""

    class Verb(models.TextChoices):
        APPEARED = "appeared", _("appeared")
        CHANGED = "changed", _("changed")
        VANISHED = "vanished", _("vanished")

    class Origin(models.TextChoices):
        OUTSIDE = "outside", _("outside Meshdeck")
        RESULT = "result", _("result of an operation")
        UNCLEAR = "unclear", _("outside Meshdeck or result of an operation")

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="changes")
    seen_at = models.DateTimeField()
    verb = models.CharField(max_length=10, choices=Verb)
    kind = models.CharField(max_length=30, help_text=_("Model name of the resource, lower case."))
    external_id = models.CharField(max_length=256)
    name = models.CharField(max_length=256, blank=True)
    # {"status": ["ACTIVE", "SHUTOFF"]}: the fields worth telling, old and new. {"created_at": [None, iso]} where the
    # cloud tells of something from before Meshdeck looked; seen_at is that time then
    fields = models.JSONField(default=dict)
    origin = models.CharField(
        max_length=10,
        choices=Origin,
        default=Origin.OUTSIDE,
        help_text=_("Outside Meshdeck, a result of an operation, or unclear: either may be true."),
    )
    cause = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consequences",
        help_text=_("The operation that it results from, or may result from."),
    )

    class Meta:
        ordering = ["-seen_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-seen_at"], name="change_by_tenant_and_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.verb}"
