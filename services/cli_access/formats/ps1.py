"""The same for PowerShell, from Windows PowerShell 5.1 on."""

from django.utils.translation import gettext_lazy

from services.cli_access.description import Login, Place
from services.cli_access.formats.base import Format, comments, told
from services.cli_access.formats.sh import CODE

# PowerShell takes typographic quotes for quotes too (about_Quoting_Rules).
QUOTES = "'\u2018\u2019\u201a\u201b"


class PowerShell(Format):
    """meshrc-atlas-north.ps1, to be dot-sourced."""

    key = "ps1"
    position = 20
    icon = "terminal"
    text = gettext_lazy("PowerShell")

    def file_name(self, place: Place) -> str:
        return f"meshrc-{place.stem}.ps1"

    def commands(self, login: Login) -> list[str]:
        sourced = [f". $HOME/Downloads/{self.file_name(login.place)}", *self.trusting(login.place)]
        return [*sourced, *(["meshrc_login"] if login.talks else [])]

    def trusting(self, place: Place) -> list[str]:
        return [f'$env:OS_CACERT = "$HOME/Downloads/{place.ca_file}"'] if place.ca_bundle else []

    def render(self, login: Login) -> str:
        name = self.file_name(login.place)
        lines = [
            *comments([f"{login.place.handle}, {login.place.project_name}", *login.head]),
            *comments([f"Use: . ./{name}    Test: meshrc_check    Undo: meshrc_off"]),
            "",
            "# What OS_… was set before is put aside for meshrc_off.",
            (CODE / "begin.ps1").read_text().rstrip(),
            *(
                f"meshrc_set {name} {quote(value)}"
                for name, value in {**told(login), **login.variables, **login.secrets}.items()
            ),
            *((CODE / f"{part}.ps1").read_text().rstrip() for part in login.parts),
            (CODE / "end.ps1").read_text().rstrip(),
        ]
        # Windows PowerShell takes a file without this mark for one in the machine's old code page.
        return "\ufeff" + "\n".join(lines) + "\n"


def quote(value: str) -> str:
    """One literal word: between single quotes only a quote means something, and two are one."""
    return "'" + "".join(sign * 2 if sign in QUOTES else sign for sign in value) + "'"
