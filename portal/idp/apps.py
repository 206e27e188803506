"""The built-in identity provider as a Django app, installed in its own process only."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProviderConfig(AppConfig):
    """The provider's seed command, its pages, and its records of long logins."""

    name = "portal.idp"
    label = "provider"
    verbose_name = _("Identity provider")

    def ready(self) -> None:
        """Install the validator that turns refresh tokens of public clients into families."""
        # allauth's models must be loaded first; audit only listens.
        from portal.idp import audit, oauth  # noqa: F401

        oauth.install()
