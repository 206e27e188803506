"""What the provider remembers of a client's long login, besides what allauth keeps: one family of refresh tokens."""

from typing import ClassVar

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import models
from django.utils import timezone


class TokenFamily(models.Model):
    """One consented login of a public client, with all refresh tokens that came of it one after the other.

    `live` is the hash of the one that works; allauth's own row of it says until when. `ends_at` is the family's
    greatest age, however busy it is.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="token_families")
    live = models.CharField(max_length=255, unique=True)
    began_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()

    client_id: str
    user_id: int
    objects: ClassVar[models.Manager["TokenFamily"]] = models.Manager()

    class Meta:
        ordering: ClassVar = ["-began_at"]

    def __str__(self) -> str:
        return f"{self.client_id} of user #{self.user_id}"


class SpentToken(models.Model):
    """A refresh token that was changed for the next one: it opens nothing, but still says which family it is of."""

    family = models.ForeignKey(TokenFamily, models.CASCADE, related_name="spent")
    hash = models.CharField(max_length=255, unique=True)

    family_id: int
    objects: ClassVar[models.Manager["SpentToken"]] = models.Manager()

    def __str__(self) -> str:
        return f"spent, of {self.family_id}"
