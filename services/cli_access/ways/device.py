"""The login is confirmed in a browser on any device (RFC 8628; v3oidcdeviceauthz), with PKCE (RFC 7636, S256)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways.base import Fact, Way, client, common, grant_missing


class Device(Way):
    """Right for people with a second factor, and for machines without a browser."""

    key = "device"
    position = 10
    icon = "smartphone"
    title = gettext_lazy("Browser or device")
    text = gettext_lazy("You confirm in a browser, on any device. Right for people with a second factor.")

    def facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Secret in the file"), _("none")),
            Fact(_("Lives"), _("one command, or one shell")),
            Fact(_("Second factor"), _("works")),
            Fact(_("To end it"), _("meshrc_off")),
        ]

    def against(self, place: Place, provider: Provider) -> str:
        return grant_missing(provider, "urn:ietf:params:oauth:grant-type:device_code")

    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        return Login(
            place=place,
            provider=provider.name,
            variables={
                **common(place, "v3oidcdeviceauthz"),
                **client(provider),
                "OS_CODE_CHALLENGE_METHOD": "S256",
            },
            parts=["log_in_once"],
            talks=True,
            hint=_("The login was not confirmed in time, or %(provider)s or %(location)s refused it. Try again.")
            % {"provider": provider.name, "location": place.location},
            head=[
                _("Logs in by a browser on any device: the command names an address, you confirm there."),
                _("There is no secret in this file. Each command asks; meshrc_login asks once for the whole shell."),
            ],
        )

    def asks(self) -> str:
        return _("To authenticate please go to: …")
