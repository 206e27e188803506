"""The lines for one space, as a shell takes them: names are quoted where they have to be."""

import shlex
from dataclasses import dataclass

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
    """For cf 7 and 8 in bash, zsh, fish and dash."""
    return Commands(
        api=shlex.join(["cf", "api", api_url]),
        login=shlex.join(["cf", "login", "-a", api_url, "--sso-passcode", CODE]),
        login_asking=shlex.join(["cf", "login", "-a", api_url, "--sso"]),
        target=shlex.join(["cf", "target", "-o", organization, "-s", space]),
    )
