"""The built-in identity provider as a Django app; it is installed in its own process only."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProviderConfig(AppConfig):
    """Brings the command that seeds the provider, its pages, and what it keeps of long logins."""

    name = "portal.idp"
    label = "provider"
    verbose_name = _("Identity provider")

    def ready(self) -> None:
        """Refresh tokens of public clients are families."""
        from portal.idp import oauth  # allauth's models have to be there first

        oauth.install()
