"""A long login of the command line: a refresh token in the file, which renews access tokens (v3oidcaccesstoken)."""

from collections.abc import Sequence
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways.base import Fact, Way, common, grant_missing


class Offline(Way):
    """Right for one's own machine, day after day."""

    key = "offline"
    position = 40
    icon = "refresh-cw"
    title = gettext_lazy("Offline token")
    text = gettext_lazy("Confirm once, then it renews itself for months. Right for your own machine. Revoke it here.")
    issues = separate = True
    only = frozenset({"sh", "ps1"})

    def facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Secret in the file"), _("a refresh token of yours")),
            Fact(_("Lives"), _("months, renews itself")),
            Fact(_("Second factor"), _("works")),
            Fact(_("To end it"), _("revoke it on this page")),
        ]

    def against(self, place: Place, provider: Provider) -> str:
        if not provider.spends:
            return _("This Meshdeck does not hand them out: its operator has not said that each works once only.")
        if not provider.token_endpoint:
            return _("%(provider)s is not answering.") % {"provider": provider.name}
        if not provider.revokes:
            return _("%(provider)s offers no way to revoke it.") % {"provider": provider.name}
        return grant_missing(provider, "refresh_token")

    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        return Login(
            place=place,
            provider=provider.name,
            variables=common(place, "v3oidcaccesstoken"),
            secrets={"MESHRC_REFRESH_TOKEN": issued.value} if issued else {},
            told={
                "MESHRC_CLIENT_ID": provider.client_id,
                "MESHRC_TOKEN_URL": provider.token_endpoint,
                "MESHRC_TOKEN_FILE": f"{place.stem}.token",
                "MESHRC_PAGE": f"{provider.panel}/{quote(place.handle, safe='@')}/cli/?way={self.key}",
            },
            parts=["renew_token"],
            lasting=True,
            hint=_("What was fetched last has ended, or %(location)s refused it. Fetch a new one: meshrc_renew")
            % {"location": place.location},
            head=[
                _("Offline token %(number)s: sourcing it gets an access token of yours, without a password.")
                % {"number": place.machine},
                _("The refresh token is in this file until it is first used: whoever has it is you. It goes on in"),
                f"~/.local/state/meshdeck/{place.stem}.token. " + _("Revoke it on the page CLI access."),
            ],
        )
