"""Logins for the tests of files, with names that no shell likes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.cli_access.description import Issued, Login, Place, Provider
from services.cli_access.ways import WAYS

NASTY = {
    "quotes": """it's "both" '' \"\"""",
    "spaces": "  two  spaces\tand a tab ",
    "dollars": "$HOME ${HOME} $(id) `id`",
    "signs": "R&D; a|b <c> !! !x #no *.* ~ [a] {b,c} (d) % = ^ @",
    "backslashes": r"C:\new\table\\end \'",
    "newlines": "first\nsecond\n\nOS_FAKE=x\n",
    "unicode": "Müller ☃ 漢字 🚀 ‘quoted’ ‚low‛ \u2028",
    "empty": "",
    "flags": "-n -e --",
    "code": "'; touch /tmp/meshrc-was-here; '",
    "yaml": "yes: [no, 'null'] # {a: b} & *c",
}
PROVIDER = Provider(
    name="login.example.org",
    discovery_endpoint="https://login.example.org/.well-known/openid-configuration",
    client_id="meshdeck-cli",
    scope="openid profile email groups",
    password_client_id="meshdeck-cli-password",
)


def place(**values: Any) -> Place:
    """atlas@north."""
    known = {
        "name": "atlas-north",
        "project": "atlas",
        "location": "north",
        "project_id": "4b9d21e07c3f",
        "project_name": "atlas",
        "domain_id": "default",
        "auth_url": "https://north.example.org:5000/v3",
        "identity_provider": "meshdeck",
        "protocol": "openid",
        "region": "north",
    }
    return Place(**(known | values))


def login(way: str = "token", *, username: str = "member", minutes: float = 10, **values: Any) -> Login:
    """Return a login by that way; an issued secret is `eyJ.secret`, good for so many minutes."""
    issued = Issued("eyJ.secret", datetime.now(UTC) + timedelta(minutes=minutes))
    return WAYS[way].login(place(**values), PROVIDER, username, issued)
