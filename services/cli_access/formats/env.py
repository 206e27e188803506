"""Variables and nothing else: for `docker run --env-file`, for an editor, for `set -a; . file`."""

import re
import shlex

from django.utils.translation import gettext_lazy

from services.cli_access.description import Login, Place
from services.cli_access.formats.base import Format, comments

# What every reader of such files takes as it stands, quoted or not.
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


class Env(Format):
    """atlas-north.env. Values that need no quotes have none, for readers that take quotes literally."""

    key = "env"
    position = 50
    icon = "file-text"
    text = gettext_lazy("variables only")

    def file_name(self, place: Place) -> str:
        return f"{place.stem}.env"

    def commands(self, login: Login) -> list[str]:
        asked = "ask_password" in login.parts
        password = ["read -rs OS_PASSWORD && export OS_PASSWORD"] if asked else []
        return [f"set -a; . ~/Downloads/{self.file_name(login.place)}; set +a", *self.trusting(login.place), *password]

    def render(self, login: Login) -> str:
        lines = [f"{name}={quote(value)}" for name, value in {**login.variables, **login.secrets}.items()]
        return "\n".join([*comments(login.head), *lines]) + "\n"


def quote(value: str) -> str:
    """Return the value as a shell's assignment takes it."""
    return value if PLAIN.fullmatch(value) else shlex.quote(value)
