"""An access token of the identity provider, made for this file (v3oidcaccesstoken)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways.base import Fact, Way, common


class Token(Way):
    """Works at once and ends by itself."""

    key = "token"
    position = 30
    icon = "hourglass"
    title = gettext_lazy("Token")
    text = gettext_lazy("Works at once, without a password, and ends by itself. Right for one quick look.")
    issues = True

    def facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Secret in the file"), _("an access token of yours")),
            Fact(_("Lives"), _("minutes, see the file")),
            Fact(_("Second factor"), _("works")),
            Fact(_("To end it"), _("ends by itself")),
        ]

    def login(self, place: Place, provider: Provider, username: str, issued: Issued | None = None) -> Login:
        return Login(
            place=place,
            provider=provider.name,
            variables=common(place, "v3oidcaccesstoken"),
            secrets={"OS_ACCESS_TOKEN": issued.value} if issued else {},
            secret_apart=True,
            until=issued.expires_at if issued else None,
            hint=_("%(location)s refused the token. Download a new file.") % {"location": place.location},
            head=_head(issued),
        )


def _head(issued: Issued | None) -> list[str]:
    if issued is None:
        return [
            _("Logs in with an access token of yours, which ends within minutes."),
            _("There is no secret in this file. The token is in secure.yaml."),
        ]
    return [
        _("Logs in with an access token of yours, without a password, until %(time)s.")
        % {"time": f"{issued.expires_at:%Y-%m-%d %H:%M:%S} UTC"},
        _("The token is in this file: until then whoever has it is you. Delete the file afterwards."),
    ]
