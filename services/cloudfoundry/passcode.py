"""Where a foundation gives passcodes: its own page, with the login hint that spares the choice of providers.

UAA gives a code to a browser session only, never to a token (docs.cloudfoundry.org/api/uaa). With the hint it sends who
is not logged in there to that identity provider, and with a live login at that the code appears with no page between.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from clouds.cloudfoundry.http import Part
from projects.models import Location


@dataclass(frozen=True, slots=True)
class Passcode:
    """The way to a code at one foundation. `url` is empty while its login server is not known.

    `origin` is the login server's, where the portal's page may ask it for codes itself; empty where it may not.
    `away`: it did not answer when it was last asked.
    """

    url: str
    origin: str
    away: bool


def passcode_of(location: Location) -> Passcode:
    """By what was found at the foundation's API root (one query)."""
    login = location.services.filter(service=Part.LOGIN.value).exclude(url="").first()
    if login is None:
        return Passcode("", "", location.health == Location.Health.DOWN)
    hint = json.dumps({"origin": location.identity_provider}, separators=(",", ":"))
    at = urlsplit(login.url)
    return Passcode(
        url=f"{login.url}/passcode?{urlencode({'login_hint': hint})}",
        origin=f"{at.scheme}://{at.netloc}" if location.passcode_in_place else "",
        away=location.health == Location.Health.DOWN or login.answers is False,
    )
