"""People and their grants: who logs in, and what a login may do."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class User(AbstractBaseUser):
    """A person as the identity provider knows them. Issuer and subject are the key; everything else may change.

    There are no passwords here. The profile is overwritten at each login, and `is_staff` follows the operator group.
    """

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    username = models.CharField(max_length=255, help_text=_("The name shown: preferred_username, or the subject."))
    email = models.CharField(
        max_length=320, blank=True, help_text=_("For display only; never used to identify a person.")
    )
    name = models.CharField(max_length=255, blank=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("Follows the provider's operator group."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("If off, the person can't log in here."))
    created_at = models.DateTimeField(auto_now_add=True)

    password: Any = None  # removes the base class's column

    objects: ClassVar[models.Manager["User"]] = models.Manager()

    USERNAME_FIELD = "username"

    class Meta:
        ordering: ClassVar = ["username"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_per_issuer_and_subject")
        ]

    def __str__(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        """Return the first word of the name, for greetings."""
        return self.name.split()[0] if self.name.strip() else self.username

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the person at the provider (there is no password to bind them to)."""
        return salted_hmac("portal.identity.session", f"{self.issuer} {self.subject}", algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        """Yield the same hash under each of SECRET_KEY_FALLBACKS, so that a new SECRET_KEY ends no session."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield salted_hmac(
                "portal.identity.session", f"{self.issuer} {self.subject}", secret=secret, algorithm="sha256"
            ).hexdigest()

    def has_usable_password(self) -> bool:
        """Return False, so that the admin shows no link to change a password."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return whether this is an operator, who may do everything in the admin; others have no Django permissions."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Return the same as `has_perm`, for a whole app."""
        return self.is_active and self.is_staff


class EndReason(models.TextChoices):
    """Why a grant no longer works."""

    LOGOUT = "logout", _("logged out")
    REPLACED = "replaced", _("logged in again in the same browser")
    REFUSED = "refused", _("the provider refused to renew it")
    NO_RENEWAL = "no_renewal", _("it expired and the provider issued nothing to renew it with")
    TOO_OLD = "too_old", _("its session reached its maximum age")
    ENDED = "ended", _("its owner ended it from another browser")


class Grant(models.Model):
    """The tokens of one browser login, or an access token sent to the API (without a session).

    Workers get only the primary key. The three token columns hold Fernet tokens (portal.identity.crypto) and are empty
    once the grant has ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    session_key = models.CharField(max_length=40, db_index=True)
    browser = models.CharField(max_length=60, blank=True, help_text=_("Such as: Firefox, Linux."))
    address = models.GenericIPAddressField(null=True, blank=True, help_text=_("Where the login came from."))
    access_token = models.TextField(blank=True)
    refresh_token = models.TextField(blank=True)
    id_token = models.TextField(blank=True)
    expires_at = models.DateTimeField(help_text=_("Expiry of the access token."))
    refresh_expires_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty if the provider does not say."))
    created_at = models.DateTimeField()
    renewed_at = models.DateTimeField(help_text=_("When the tokens were received."))
    renewing_since = models.DateTimeField(
        null=True, blank=True, help_text=_("When the renewal in progress was claimed.")
    )
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=EndReason, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["user", "ended_at", "-created_at"], name="grant_of_user")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def seen_at(self) -> datetime:
        """When it was last used, as far as is known: by work for it, or by a renewal."""
        return max(filter(None, (self.last_used_at, self.renewed_at, self.created_at)))

    @property
    def renew_at(self) -> datetime:
        """When to renew: a minute before the access token expires, or in the last quarter of a very short lifetime."""
        if not self.refresh_token:
            return self.expires_at
        return self.expires_at - min(timedelta(seconds=60), (self.expires_at - self.renewed_at) / 4)


class OfflineToken(models.Model):
    """A long command-line login, which its owner downloaded in a file. Nothing stored here grants access.

    `revoker` is the first refresh token of that login, spent before the file was made, as a Fernet token
    (portal.identity.crypto): it can only revoke what was issued after it. It is wiped at the end. `client_id` is the
    client that it was issued to: the provider revokes it for no other client.
    """

    class End(models.TextChoices):
        REVOKED = "revoked", _("revoked")
        NOT_TAKEN = "not_taken", _("not downloaded in time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="offline_tokens")
    about = models.CharField(max_length=255, help_text=_("What its file is for: atlas@north."))
    client_id = models.CharField(max_length=255, help_text=_("The command line's client when it was created."))
    made_from = models.CharField(max_length=60, blank=True, help_text=_("The requesting browser: Firefox, Linux."))
    revoker = models.TextField(blank=True)
    made_at = models.DateTimeField()
    ready_until = models.DateTimeField(null=True, blank=True, help_text=_("The download is available until then."))
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=End, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]
        indexes: ClassVar = [models.Index(fields=["user", "ended_at", "-made_at"], name="offline_token_of_user")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that identifies it in the file and on the page."""
        return self.id.hex[:8]
