"""Entries of clouds.yaml, and of the secure.yaml beside it that openstacksdk lays over it."""

from collections.abc import Iterable
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Login, Place
from services.cli_access.formats.base import Format, comments, downloaded

# What stands beside `auth` in an entry. All else is for the login.
BESIDE = {
    "OS_AUTH_TYPE": "auth_type",
    "OS_IDENTITY_API_VERSION": "identity_api_version",
    "OS_REGION_NAME": "region_name",
    "OS_INTERFACE": "interface",
}


class CloudsYaml(Format):
    """An entry without any secret."""

    key = "clouds"
    position = 30
    icon = "file-text"
    text = gettext_lazy("for --os-cloud; no secret in it")
    content_type = "application/yaml; charset=utf-8"
    secret = False

    def file_name(self, place: Place) -> str:
        return "clouds.yaml"

    def commands(self, login: Login) -> list[str]:
        secure = ["export OS_CLIENT_SECURE_FILE=~/Downloads/secure.yaml"] if login.secret_apart else []
        asked = "ask_password" in login.parts
        password = ["read -rs OS_PASSWORD && export OS_PASSWORD"] if asked else []
        return [
            "export OS_CLIENT_CONFIG_FILE=~/Downloads/clouds.yaml",
            *secure,
            *password,
            f"export OS_CLOUD={login.place.name}",
        ]

    def trusting(self, place: Place) -> list[str]:
        return []  # it stands in the entry

    def render(self, login: Login) -> str:
        return clouds([login])


class SecureYaml(Format):
    """The secret of an entry, for ways that have one."""

    key = "secure"
    position = 40
    icon = "key-round"
    text = gettext_lazy("the secret, beside clouds.yaml")
    content_type = "application/yaml; charset=utf-8"

    def file_name(self, place: Place) -> str:
        return "secure.yaml"

    def render(self, login: Login) -> str:
        return secure([login])


def clouds(logins: Iterable[Login]) -> str:
    """clouds.yaml with an entry for each login, without secrets."""
    logins = list(logins)
    return _file(logins, {login.place.name: _entry(login) for login in logins})


def secure(logins: Iterable[Login]) -> str:
    """secure.yaml with the secrets of the same entries."""
    logins = list(logins)
    return _file(logins, {login.place.name: {"auth": _plain(login.secrets)} for login in logins if login.secrets})


def _entry(login: Login) -> dict[str, Any]:
    beside = {BESIDE[name]: value for name, value in login.variables.items() if name in BESIDE}
    auth = {name: value for name, value in login.variables.items() if name not in BESIDE}
    # openstacksdk takes ~ for the home folder in this one.
    trusted = {"cacert": downloaded(login.place.ca_file)} if login.place.ca_bundle else {}
    return {**beside, **trusted, "auth": _plain(auth)}


def _plain(variables: Any) -> dict[str, str]:
    return {name.removeprefix("OS_").lower(): value for name, value in variables.items()}


def _file(logins: list[Login], entries: dict[str, Any]) -> str:
    files = sorted({downloaded(login.place.ca_file) for login in logins if login.place.ca_bundle})
    trust = [_("Certificates are looked for in %(files)s.") % {"files": ", ".join(files)}] if files else []
    head = comments([*(logins[0].head if logins else ()), *trust])
    body = yaml.safe_dump({"clouds": entries}, allow_unicode=True, sort_keys=False, width=1000)
    return "\n".join([*head, body])
