"""A client's long login, beyond what allauth stores: one family of refresh tokens."""

from typing import ClassVar

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import models
from django.utils import timezone


class TokenFamily(models.Model):
    """One consented login of a public client, with the chain of refresh tokens issued for it.

    `live` is the hash of the token that works; allauth's own row holds its expiry. `ends_at` is the family's maximum
    age, however active it is.
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
    """A refresh token that was exchanged for the next one: it grants nothing, but still identifies its family."""

    family = models.ForeignKey(TokenFamily, models.CASCADE, related_name="spent")
    hash = models.CharField(max_length=255, unique=True)

    family_id: int
    objects: ClassVar[models.Manager["SpentToken"]] = models.Manager()

    def __str__(self) -> str:
        return f"spent, of {self.family_id}"
