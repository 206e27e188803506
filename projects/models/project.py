"""Projects, their tenants in the locations, who may see them, and how fresh what we know is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from projects.models.location import Location


class Project(models.Model):
    """What a user chooses: the tenants of the same name in several locations are one project."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TenantQuerySet(models.QuerySet["Tenant"]):
    """Tenants, and what pages show of them."""

    def grow(self, **fields: Any) -> int:
        """Note that something which pages show has changed: they ask with the version that they have."""
        return self.update(version=models.F("version") + 1, **fields)


class Tenant(models.Model):
    """A project's place in one location. Its handle `atlas@north` names it everywhere."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tenants")
    location = models.ForeignKey(Location, models.CASCADE, related_name="tenants")
    external_id = models.CharField(max_length=64, help_text=_("The cloud's id of the project."))
    external_name = models.CharField(max_length=255)
    domain_id = models.CharField(max_length=64, blank=True)
    space = models.CharField(
        max_length=255,
        blank=True,
        help_text=_("Cloud Foundry: the space's name; the name above is its org's."),
    )
    pinned = models.BooleanField(
        default=False, help_text=_("The operator chose the project; discovery leaves it there.")
    )

    # Grows whenever anything that a page shows has changed; pages ask with it and get 204 when it has not grown.
    version = models.PositiveBigIntegerField(default=1)
    # Headline figures, measured from the inventory at the end of each refresh (projects/figures.py). What a service
    # tells that was never read is not in them.
    figures = models.JSONField(default=dict)
    changing = models.BooleanField(default=False, help_text=_("Something is in a passing state: look again soon."))
    as_of = models.DateTimeField(null=True, blank=True, help_text=_("When every part was last read without a fault."))
    slow_as_of = models.DateTimeField(
        null=True, blank=True, help_text=_("When images, flavors and the rest that is read less often were last read.")
    )
    looked_at = models.DateTimeField(null=True, blank=True, help_text=_("When a person last looked at it."))
    refresh_started_at = models.DateTimeField(null=True, blank=True, help_text=_("Claim of the running refresh."))
    refreshed_at = models.DateTimeField(null=True, blank=True, help_text=_("End of the last refresh, well or not."))

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["project__name", "location__position", "location__name"]
        constraints = [
            models.UniqueConstraint(fields=["location", "external_id"], name="one_tenant_per_cloud_project"),
            models.UniqueConstraint(fields=["project", "location"], name="one_tenant_per_project_and_location"),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def handle(self) -> str:
        """`<project>@<location>`, as in URLs, headings and commands."""
        return f"{self.project.slug}@{self.location.name}"

    def grow(self, **fields: Any) -> None:
        """Note that something which pages show has changed, with these fields. The row in hand stays as it is."""
        Tenant.objects.filter(pk=self.pk).grow(**fields)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Return a transaction in which nobody else writes the tenant's rows.

        Whoever writes several of them takes the tenant first, so that no two wait for each other.
        """
        with transaction.atomic():
            Tenant.objects.select_for_update().values_list("pk").get(pk=self.pk)
            yield


class Role(models.TextChoices):
    """What a person may do in a tenant, strongest last; mapped from the cloud's own roles."""

    READER = "reader", _("reader")
    MEMBER = "member", _("member")
    ADMIN = "admin", _("admin")


class Membership(models.Model):
    """A person's place in a tenant, as the cloud itself said it at `confirmed_at`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    cloud_roles = models.JSONField(default=list, help_text=_("The role names in the scoped token."))
    confirmed_at = models.DateTimeField()
    # What is the person's own and not the tenant's (key pairs) is found by this id, and dated by itself: a refresh
    # reads it of the one person whose login it uses.
    cloud_user_id = models.CharField(max_length=64, blank=True, help_text=_("The cloud's id of the person."))
    own_as_of = models.DateTimeField(null=True, blank=True, help_text=_("When what is the person's own was last read."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_per_user_and_tenant")]

    def __str__(self) -> str:
        return f"{self.user} {self.role} of {self.tenant}"


class Discovery(models.Model):
    """The last word of one location about one person: whether it could be asked for the person's projects, and when.

    The welcome page tells by it "still looking" (no row yet) from "north knows no project of yours" and from "south
    did not answer". Written once per location by each discovery.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="discoveries")
    location = models.ForeignKey(Location, models.CASCADE, related_name="discoveries")
    tried_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True, help_text=_("When the person last looked at any page."))
    found = models.PositiveIntegerField(default=0, help_text=_("Projects the location named at the last good try."))
    reason = models.CharField(max_length=500, blank=True, help_text=_("Empty when the last try went well."))
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "location"], name="one_discovery_per_user_and_location")]

    def __str__(self) -> str:
        return f"{self.user} in {self.location.name}"


class Reading(models.Model):
    """The last word of one service about one tenant: when it was read, or why it could not be."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="readings")
    service = models.CharField(max_length=20)
    as_of = models.DateTimeField(null=True, blank=True, help_text=_("When the data shown was true."))
    tried_at = models.DateTimeField()
    latency_ms = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True, help_text=_("Empty when the last try went well."))
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "service"], name="one_reading_per_tenant_and_service")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.service}"
