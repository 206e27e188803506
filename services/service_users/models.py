"""The register of service users, and when it was last read."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import Location, Operation, Resource, Tenant

LONGEST_NAME = 60
# Between the name that a person gave and the operation that made it: "ci-deploy.op-01M87SB5HYFT6FTN".
_JOINT = "."


def cloud_name(name: str, operation_id: str) -> str:
    """Return what the cloud is told to call it: the person's name for it, and the operation's id as the mark."""
    return f"{name}{_JOINT}{operation_id}"


def mark_in(name: str) -> str:
    """Return the id of the operation that made it, by its name in the cloud; empty for what was made elsewhere."""
    mark = name.rpartition(_JOINT)[2]
    return mark if mark.startswith("op-") and len(mark) == 19 else ""


def grow(tenant: Tenant) -> None:
    """Note that the tenant's pages show something new."""
    tenant.grow()


class ServiceUser(Resource):
    """A machine's login, as the cloud told its owner. `name` is the cloud's, `label` what the person called it.

    Nothing in here opens anything: of the secret there are the last four characters, of those that Meshdeck made.
    """

    class Kind(models.TextChoices):
        """As types/ has them, each with what it is made of."""

        APPLICATION_CREDENTIAL = "application-credential", _("Application credential")
        EC2 = "ec2", _("EC2 keys, for S3")
        KEYSTONE_USER = "keystone-user", _("Keystone user")

    # Who made it. Those `of_person` (types/base.py) belong to them.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="service_users")
    user_id = models.CharField(max_length=64, help_text=_("The owner, by the cloud's id of the person."))
    kind = models.CharField(max_length=30, choices=Kind, default=Kind.APPLICATION_CREDENTIAL)
    label = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    roles = models.JSONField(default=list)  # ["member", "reader"], names
    access_rules = models.JSONField(default=list)  # [{"service", "method", "path"}]; none: all that the roles may
    access_key = models.CharField(max_length=128, blank=True, help_text=_("Of EC2 keys the public one."))
    unrestricted = models.BooleanField(default=False, help_text=_("May make and end others."))
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty: never."))

    # Of those that Meshdeck made.
    operation = models.ForeignKey(
        Operation, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("The one that made it.")
    )
    last_four = models.CharField(max_length=4, blank=True, help_text=_("Of the secret, to tell two apart."))
    made_at = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True, help_text=_("When it took the place of another one."))
    # Handing the secret over: it can be taken until then, was taken at, can't be taken since.
    ready_until = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Another one has taken its place: it is ended then.
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Its end was over, and Meshdeck has ended it in the cloud.")
    )
    warned_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The owner was last told so many days before its end.")
    )

    class Meta(Resource.Meta):
        ordering = ["label", "external_id"]
        indexes = [
            *Resource.Meta.indexes,
            models.Index(fields=["owner", "tenant"], name="serviceuser_by_owner"),
            models.Index(fields=["ends_at"], name="serviceuser_by_end"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def outside(self) -> bool:
        """Tell whether it was made by other means than Meshdeck."""
        return self.operation_id is None

    def is_ready(self, now: datetime | None = None) -> bool:
        """Tell whether its secret waits to be taken."""
        there = self.ready_until is not None and self.taken_at is None and self.closed_at is None
        return there and self.ready_until is not None and self.ready_until > (now or timezone.now())


class OwnReading(models.Model):
    """The last word of one location about one person's service users: when it told them, or why not."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    location = models.ForeignKey(Location, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True, help_text=_("When the last good reading began."))
    tried_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, help_text=_("Empty when the last try went well."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "location"], name="one_own_reading_per_place")]

    def __str__(self) -> str:
        return f"{self.user} in {self.location.name}"
