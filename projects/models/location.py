"""A location: one platform instance, where it answers, and whether it does."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Location(models.Model):
    """An OpenStack region or a Cloud Foundry foundation, as its operator added it."""

    class Health(models.TextChoices):
        """What the last tries to reach it showed."""

        UNKNOWN = "unknown", _("not checked yet")
        ANSWERS = "answers", _("answers")
        DEGRADED = "degraded", _("answers in part")
        DOWN = "down", _("not answering")

    name = models.SlugField(max_length=63, unique=True)
    kind = models.CharField(max_length=20, help_text=_("The key of its platform (projects.platforms)."))
    enabled = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Order in menus, lowest first."))

    # No URLField: that one refuses host names without a dot, which Keystones inside a house have.
    auth_url = models.CharField(max_length=500, help_text=_("Keystone's address, with /v3; the API root."))
    region = models.CharField(max_length=255, blank=True)
    interface = models.CharField(max_length=10, default="public")
    identity_provider = models.CharField(
        max_length=64, help_text=_("The provider's id in this cloud's federation; its origin in UAA.")
    )
    protocol = models.CharField(max_length=64, default="openid")
    trusts_cli_callback = models.BooleanField(
        default=False,
        help_text=_("Its Keystone has http://localhost:9990/auth/websso/ among its trusted_dashboard."),
    )
    ca_bundle = models.TextField(blank=True, help_text=_("PEM certificates, where the cloud's are private."))
    passcode_in_place = models.BooleanField(
        default=False,
        help_text=_("Cloud Foundry: its login server lets the portal's pages ask for codes (docs/cloud-foundry.md)."),
    )
    # An account of Meshdeck's own there, which no other power rests on (services/service_users/accounts.py).
    account_name = models.CharField(
        max_length=255, blank=True, help_text=_("Keystone: a user who may make users for machines; empty: none.")
    )
    account_domain = models.CharField(
        max_length=64, blank=True, help_text=_("The id of the domain that it lives in and makes users in.")
    )
    status_page = models.URLField(blank=True)
    support = models.CharField(max_length=255, blank=True, help_text=_("Whom users ask: an address or a page."))

    health = models.CharField(max_length=10, choices=Health, default=Health.UNKNOWN)
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it is not well, in plain words."))
    request_id = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("Tries that failed in a row."))
    next_try_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class LocationService(models.Model):
    """One service of a location: its endpoint and versions from discovery, and the last check's answer."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="services")
    service = models.CharField(max_length=20)
    # Where a project's id belongs it says {project_id}.
    url = models.CharField(max_length=500)
    version = models.CharField(max_length=20, blank=True, help_text=_("API version, such as 2.1 or 3."))
    min_microversion = models.CharField(max_length=10, blank=True)
    max_microversion = models.CharField(max_length=10, blank=True)
    s3_url = models.CharField(max_length=500, blank=True, help_text=_("Where its objects are had by S3."))
    answers = models.BooleanField(null=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # Tenants, by primary key: whom it answered last, and whom alone it has failed since (refresh/health.py).
    answered_to = models.BigIntegerField(null=True, blank=True)
    failed_to = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["location", "service"], name="one_row_per_location_service")]

    def __str__(self) -> str:
        return f"{self.location.name} {self.service}"

    def url_for(self, project_id: str) -> str:
        """Its address for one project."""
        return self.url.replace("{project_id}", project_id)
