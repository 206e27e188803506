"""The part of the site that takes tenants to a shell."""

from django.utils.translation import gettext_lazy as _

from projects.wings import Wing


class CliAccessConfig(Wing):
    name = "services.cli_access"
    label = "cli_access"

    def ready(self) -> None:
        """The palette leads to the passcode, the one page here whose name people type without knowing where it is."""
        super().ready()
        from projects.models import Location
        from projects.pages import palette as doing

        words = _("Get passcode for Cloud Foundry")
        doing.register(doing.Doing("", words, "cli/", kind=Location.Kind.CLOUDFOUNDRY, icon="key-round"))
