"""What a format is: how a login is written down, whatever its way is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from django_stubs_ext import StrOrPromise

from services.cli_access.description import Login, Place


class Format(ABC):
    """One kind of file. Instances have no state."""

    key: ClassVar[str]
    position: ClassVar[int]
    icon: ClassVar[str]
    # Who reads it: "bash, zsh, dash, fish".
    text: ClassVar[StrOrPromise]
    content_type: ClassVar[str] = "text/plain; charset=utf-8"
    # Whether the secret of a way stands in it.
    secret: ClassVar[bool] = True

    @abstractmethod
    def file_name(self, place: Place) -> str:
        """Return what the file is called."""

    @abstractmethod
    def render(self, login: Login) -> str:
        """Return the whole file."""

    def commands(self, login: Login) -> list[str]:
        """Say what to type to use the file where browsers put it, up to the first command of one's own."""
        return []

    def trusting(self, place: Place) -> list[str]:
        """Say what to type besides where the cloud's certificates are in a file of their own."""
        return [f"export OS_CACERT={downloaded(place.ca_file)}"] if place.ca_bundle else []


def downloaded(file: str) -> str:
    """Say where browsers put a file."""
    return f"~/Downloads/{file}"


def comments(sentences: Iterable[str]) -> list[str]:
    """Comment lines: a line break, or anything else that can't be seen, must not end one."""
    return [f"# {''.join(sign if sign.isprintable() else ' ' for sign in one)}" for one in sentences]


def told(login: Login) -> dict[str, str]:
    """Say what the code in a shell's file tells the person, as variables of its own."""
    until = login.until
    found = {
        "MESHRC_HANDLE": login.place.handle,
        "MESHRC_PROVIDER": login.provider,
        "MESHRC_HINT": login.hint,
        **login.told,
    }
    if until is not None:
        found["MESHRC_UNTIL"] = str(int(until.timestamp()))
        found["MESHRC_UNTIL_TEXT"] = f"{until:%Y-%m-%d %H:%M:%S} UTC"
    if login.talks:
        found["MESHRC_TALKS"] = "1"
        found["MESHRC_AUTH_TYPE"] = login.variables["OS_AUTH_TYPE"]
    return found
