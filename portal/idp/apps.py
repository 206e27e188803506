"""The built-in identity provider as a Django app; it is installed in its own process only."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProviderConfig(AppConfig):
    """Brings the command that seeds the provider and its pages."""

    name = "portal.idp"
    label = "provider"
    verbose_name = _("Identity provider")
