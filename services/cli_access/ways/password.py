"""User name and password, changed for a token by the password grant (RFC 6749, section 4.3; v3oidcpassword)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways.base import Fact, Way, client, common, grant_missing


class Password(Way):
    """Asks when the file is sourced; the file holds nothing to guard."""

    key = "password"
    position = 20
    icon = "lock"
    title = gettext_lazy("Password")
    text = gettext_lazy("Asks when you source the file. Holds no secret. Not with a second factor.")

    def facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Secret in the file"), _("none")),
            Fact(_("Lives"), _("as long as the shell")),
            Fact(_("Second factor"), _("does not work")),
            Fact(_("To end it"), _("meshrc_off, or close the shell")),
        ]

    def against(self, place: Place, provider: Provider) -> str:
        if not provider.password_client_id:
            return _("This Meshdeck does not hand passwords to the command line.")
        return grant_missing(provider, "password")

    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        return Login(
            place=place,
            provider=provider.name,
            variables={
                **common(place, "v3oidcpassword"),
                **client(provider),
                "OS_CLIENT_ID": provider.password_client_id,
                # keystoneauth does not begin without one (5.18: a TypeError).
                "OS_CLIENT_SECRET": provider.password_client_secret,
                "OS_USERNAME": username,
            },
            parts=["ask_password"],
            hint=_(
                "%(provider)s or %(location)s refused the login. User name and password have to fit together; with a "
                "second factor take the way by browser."
            )
            % {"provider": provider.name, "location": place.location},
            head=[
                _("Logs in with your user name and password, which is asked for when this file is sourced."),
                _("There is no secret in this file. The password stays in OS_PASSWORD of the shell until meshrc_off."),
            ],
        )

    def asks(self) -> str:
        return _("Password:")
