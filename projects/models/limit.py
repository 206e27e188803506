"""Used and allowed, now and over time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Tenant


class Limit(models.Model):
    """One limit of a tenant. `allowed` is null where the cloud sets none."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="limits")
    measure = models.CharField(max_length=30)
    used = models.BigIntegerField(null=True, help_text=_("Null where the cloud does not say."))
    allowed = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "measure"], name="one_limit_per_tenant_and_measure")]

    def __str__(self) -> str:
        return f"{self.measure} {self.used} of {self.allowed}"


class UsageSample(models.Model):
    """A limit as it stood at a time, for the plots. A time without a sample is a gap, and is drawn as one."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="samples")
    measure = models.CharField(max_length=30)
    at = models.DateTimeField()
    used = models.BigIntegerField()
    allowed = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "measure", "at"], name="one_sample_per_tenant_measure_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.used} at {self.at:%Y-%m-%d %H:%M}"
