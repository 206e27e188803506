"""Operations: changes that people asked for, or that Meshdeck made by itself. The project's audit log: rows are never
deleted, and only their run writes to them."""

import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Tenant

if TYPE_CHECKING:
    from portal.identity.models import User

# Who stands in the log for what nobody asked for.
ITSELF = "Meshdeck"
# Crockford's base 32: no letters that look like figures.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """ "op-01M87SB5HYFT6FTN": the time in ms, so that ids sort by it, and 30 bits of chance."""
    number = time.time_ns() // 1_000_000 << 30 | secrets.randbits(30)
    return "op-" + "".join(_DIGITS[number >> shift & 31] for shift in range(75, -5, -5))


def new_request_id() -> str:
    """Return the id that goes along with each call of an operation, in the form that OpenStack's services log."""
    return f"req-{uuid4()}"


class OperationManager(models.Manager["Operation"]):
    """Operations as the application may use them."""

    def open(self) -> "models.QuerySet[Operation]":
        """Those that have not ended."""
        return self.filter(state__in=OPEN)


class Operation(models.Model):
    """One change that a person asked for, how far it is, and how it ended.

    Without a user and a grant: what Meshdeck did by itself (operations/itself.py), which is written down as done.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Via(models.TextChoices):
        PAGE = "page", _("on the page")
        API = "api", _("by the API")
        ITSELF = "itself", _("by itself")

    id = models.CharField(primary_key=True, max_length=19, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="operations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="operations")
    grant = models.UUIDField(
        null=True, blank=True, help_text=_("The login that asked; the work is done with its tokens.")
    )
    via = models.CharField(max_length=10, choices=Via, default=Via.PAGE)
    action = models.CharField(max_length=40)
    # As the action's own model says; never a secret.
    params = models.JSONField(default=dict)
    # The names that things had when it was asked for, by id: the sentence stays true when they are gone.
    names = models.JSONField(default=dict)
    request_id = models.CharField(
        max_length=40, default=new_request_id, help_text=_("Sent along with each call; the cloud's logs have it.")
    )
    # Who sends the same form or request twice gets the same operation.
    key = models.CharField(max_length=100, blank=True)
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="retries")
    undo_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undos")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    # [{"key", "began", "ended", "note"}] of the steps that were begun, in order; times ISO 8601
    steps = models.JSONField(default=list)
    # What the action has to know when another worker goes on: ids of what it made, what it has sent.
    memory = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True, help_text=_("What it waits for, or how it ended."))
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it failed, in plain words."))
    detail = models.CharField(max_length=500, blank=True, help_text=_("The cloud's own words."))
    code = models.CharField(max_length=40, blank=True, help_text=_("The kind of failure."))

    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True, help_text=_("When the cloud took on the change."))
    ended_at = models.DateTimeField(null=True, blank=True)

    # The claim of the worker that is at it (operations/claims.py), and when the next step is due.
    claimed_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(help_text=_("When a worker was last told of it."))
    attempts = models.PositiveIntegerField(default=0)
    cancel_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cancelled_operations"
    )

    objects = OperationManager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=~models.Q(key=""), name="one_operation_per_user_and_key"
            ),
            models.UniqueConstraint(
                fields=["tenant", "request_id"],
                condition=models.Q(user=None),
                name="one_operation_of_nobody_per_request",
            ),
            # Two members at once: each operation is tried again once (then the new one is), and undone once.
            models.UniqueConstraint(fields=["retry_of"], name="one_retry_per_operation"),
            models.UniqueConstraint(
                fields=["undo_of"],
                condition=models.Q(state__in=["queued", "running", "done"]),
                name="one_undo_per_operation",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-asked_at"], name="operation_by_tenant_and_time"),
            models.Index(fields=["state", "next_at"], name="operation_by_state"),
            models.Index(fields=["action", "-asked_at"], name="operation_by_action_and_time"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.action} {self.state}"

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never: this is the audit log."""
        raise TypeError("Operations are never deleted.")

    @property
    def asked_by(self) -> str:
        """The name of who asked."""
        return self.user.username if self.user else ITSELF

    @property
    def asker(self) -> "User":
        """Who asked. TypeError for what Meshdeck did by itself, which no worker goes on with and nobody repeats."""
        if self.user is None:
            raise TypeError("nobody asked for it")
        return self.user

    @property
    def login(self) -> UUID:
        """The login that asked. TypeError as `asker`."""
        if self.grant is None:
            raise TypeError("no login asked for it")
        return self.grant

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in OPEN

    def name_of(self, external_id: str) -> str:
        """Return what a thing was called when the operation was asked for; its id where it had no name."""
        names: Mapping[str, str] = self.names
        return names.get(external_id) or external_id


OPEN = (Operation.State.QUEUED, Operation.State.RUNNING)


class OperationTarget(models.Model):
    """A thing that an operation changes or makes: its page lists the operation."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=30, help_text=_("Model name of the resource, lower case."))
    external_id = models.CharField(max_length=256)
    # A refresh that began before this may still have seen the thing, and must not bring it back.
    gone_at = models.DateTimeField(null=True, blank=True, help_text=_("When the operation saw that it is gone."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "kind", "external_id"], name="one_target_per_operation")
        ]
        indexes = [models.Index(fields=["kind", "external_id"], name="operation_target_by_thing")]

    def __str__(self) -> str:
        return f"{self.operation_id} {self.kind} {self.external_id}"
