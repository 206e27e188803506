"""The command opens a browser here, Keystone sends the token back to this machine (v3websso)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways.base import Fact, Way, common

CALLBACK = "http://localhost:9990/auth/websso/"


class WebSSO(Way):
    """Only where Keystone trusts the address that keystoneauth listens at."""

    key = "websso"
    position = 15
    icon = "globe"
    title = gettext_lazy("Browser on this machine")
    text = gettext_lazy("The command opens your browser and goes on when you are logged in there.")

    def facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Secret in the file"), _("none")),
            Fact(_("Lives"), _("one command, or one shell")),
            Fact(_("Second factor"), _("works")),
            Fact(_("To end it"), _("meshrc_off")),
        ]

    def against(self, place: Place, provider: Provider) -> str:
        if place.trusts_callback:
            return ""
        return _("%(location)s does not send browsers back to your machine.") % {"location": place.location}

    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        return Login(
            place=place,
            provider=provider.name,
            variables={
                **common(place, "v3websso"),
                "OS_REDIRECT_HOST": "localhost",
                "OS_REDIRECT_PORT": "9990",
                "OS_LOGIN_TIMEOUT": "300",
            },
            parts=["log_in_once"],
            talks=True,
            hint=_(
                "Nobody logged in within 5 minutes, or %(location)s does not know %(callback)s as trusted_dashboard."
            )
            % {"location": place.location, "callback": CALLBACK},
            head=[
                _("Logs in by the browser of this machine, which has to be able to open one."),
                _("There is no secret in this file. Each command asks; meshrc_login asks once for the whole shell."),
            ],
        )

    def asks(self) -> str:
        return _("Your browser opens.")
