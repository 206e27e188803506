r"""One file that bash, zsh, dash and fish can all source.

fish reads a whole file before it runs any of it, and has another grammar. So what the shells share is written in what
they share (comments, words, quotes, `&&`, `||`), and what differs lies as text in quotes, of which each shell evaluates
its own: between single quotes '\\' is one backslash to fish and two to all others, which tells them apart.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy

from services.cli_access.description import Login, Place
from services.cli_access.formats.base import Format, comments, told

CODE = Path(__file__).resolve().parent.parent / "shell"


class Shell(Format):
    """meshrc-atlas-north.sh, to be sourced."""

    key = "sh"
    position = 10
    icon = "terminal"
    text = gettext_lazy("bash, zsh, dash, fish")
    content_type = "application/x-sh; charset=utf-8"

    def file_name(self, place: Place) -> str:
        return f"meshrc-{place.stem}.sh"

    def commands(self, login: Login) -> list[str]:
        file = f"~/Downloads/{self.file_name(login.place)}"
        private = [f"chmod 600 {file}"] if login.lasting else []
        # The certificates come after the file, which sets aside what is said of them, and before the first login.
        sourced = [*private, f". {file}", *self.trusting(login.place)]
        return [*sourced, *(["meshrc_login"] if login.talks else [])]

    def render(self, login: Login) -> str:
        name = self.file_name(login.place)
        lines = [
            *comments([f"{login.place.handle}, {login.place.project_name}", *login.head]),
            *comments([f"Use: . ./{name}    Test: meshrc_check    Undo: meshrc_off    (bash, zsh, dash, fish)"]),
            "",
            "# Of each pair of pieces fish takes the first and the other shells the second.",
            "# What OS_… was set before is put aside for meshrc_off.",
            either("begin"),
            *(
                f"meshrc_set {name} {quote(value)}"
                for name, value in {**told(login), **login.variables, **login.secrets}.items()
            ),
            *(f"meshrc_set MESHRC_RUN {quote(code)}" for part in login.parts if (code := posix(part))),
            *(either(part) for part in login.parts),
            either("end"),
        ]
        return "\n".join(lines) + "\n"


def quote(value: str) -> str:
    r"""One word that all four shells read alike.

    Between single quotes they differ in the backslash and the quote itself, so these two stand between double quotes.
    """
    return "'" + value.replace("\\", "\0").replace("'", "'\"'\"'").replace("\0", "'\"\\\\\"'") + "'"


def posix(part: str) -> str:
    """Code that all of them have `sh` run for them, as it is too long to be written twice; mostly there is none."""
    file = CODE / f"{part}.posix"
    return file.read_text() if file.exists() else ""


def either(part: str) -> str:
    """Return a piece of code for fish and the same for the other shells, of which the one that runs takes its own."""
    fish, sh = ((CODE / f"{part}.{ending}").read_text() for ending in ("fish", "sh"))
    return f"test '\\\\' = \"\\\\\" && eval '\n{fish}true\n' || eval '\n{sh}'"
