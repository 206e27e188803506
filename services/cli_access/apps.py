"""The part of the site that takes tenants to a shell."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CliAccessConfig(AppConfig):
    name = "services.cli_access"
    label = "cli_access"

    def ready(self) -> None:
        """The palette leads to the passcode, the one page here whose name people type without knowing where it is."""
        from projects.models import Location
        from projects.pages import doing

        words = _("Get passcode for Cloud Foundry")
        doing.register(doing.Doing("", words, "cli/", kind=Location.Kind.CLOUDFOUNDRY, icon="key-round"))
