"""The lines for one space, as a shell takes them: names are quoted where they have to be."""

from dataclasses import dataclass

from portal.ui.commands import Command, line

# Where the passcode goes.
CODE = "CODE"


@dataclass(frozen=True, slots=True)
class Commands:
    """From nothing to the person's space."""

    api: str
    login: str
    login_asking: str
    target: str
    check: str = "cf apps"


def commands(api_url: str, organization: str, space: str) -> Commands:
    """For cf 7 and 8 in bash, zsh and fish."""
    at = ("-a", api_url)
    return Commands(
        api=line(["cf"], Command("api", things=[api_url])),
        login=line(["cf"], Command("login", [at, ("--sso-passcode", CODE)])),
        login_asking=line(["cf"], Command("login", [at, "--sso"])),
        target=line(["cf"], Command("target", [("-o", organization), ("-s", space)])),
    )
