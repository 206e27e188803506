"""Files for OpenStack's tools: the same login in each format, written by the formats of CLI access."""

import json
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.cli_access.description import Login
from services.cli_access.formats import FORMATS, clouds_yaml
from services.cli_access.formats.clouds_yaml import BESIDE
from services.service_users.files.base import FileKind, beside, head_of, place_of
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser


class Formatted(FileKind):
    """A file in one of the formats of CLI access, which has the same key."""

    def __init__(self) -> None:
        self.content_type = FORMATS[self.key].content_type

    def name(self, row: ServiceUser) -> str:
        return FORMATS[self.key].file_name(place_of(row))

    def use(self, row: ServiceUser) -> str:
        plain = replace(login_of(Credential(row, "")), secrets={})
        return "\n".join([*FORMATS[self.key].commands(plain), "openstack server list"])

    def render(self, credential: Credential) -> str:
        return FORMATS[self.key].render(login_of(credential))


class ShellFile(Formatted):
    """To be sourced."""

    key = "sh"
    ending = ".sh"
    icon = "terminal"
    text = gettext_lazy("bash, zsh, dash, fish")


class PowerShellFile(Formatted):
    """To be dot-sourced."""

    key = "ps1"
    ending = ".ps1"
    icon = "terminal"
    text = gettext_lazy("PowerShell")


class CloudsYaml(Formatted):
    """One entry, with the secret in it."""

    key = "clouds"
    ending = "clouds.yaml"
    text = gettext_lazy("for --os-cloud, with the secret")

    def render(self, credential: Credential) -> str:
        login = login_of(credential)
        whole = replace(login, variables={**login.variables, **login.secrets}, secrets={})
        return clouds_yaml.clouds([whole])


class Json(FileKind):
    """What clouds.yaml says, for tools."""

    key = "json"
    ending = ".json"
    text = gettext_lazy("for tools")
    content_type = "application/json; charset=utf-8"

    def name(self, row: ServiceUser) -> str:
        return f"{place_of(row).stem}.json"

    def use(self, row: ServiceUser) -> str:
        field = "user_id" if row.kind == ServiceUser.Kind.KEYSTONE_USER else "application_credential_id"
        return f"jq -r .auth.{field} ~/Downloads/{self.name(row)}"

    def render(self, credential: Credential) -> str:
        login = login_of(credential)
        aside = {BESIDE[name]: value for name, value in login.variables.items() if name in BESIDE}
        named = {**login.variables, **login.secrets}
        auth = {name.removeprefix("OS_").lower(): value for name, value in named.items() if name not in BESIDE}
        return json.dumps({**aside, "auth": auth, **beside(credential.row)}, indent=2, ensure_ascii=False) + "\n"


ALL = (ShellFile(), PowerShellFile(), CloudsYaml(), Json())


def login_of(credential: Credential) -> Login:
    """How it logs in, with its variables as keystoneauth's plugins call them."""
    row, place = credential.row, place_of(credential.row)
    who, secret, hint = _by_password(row) if row.kind == ServiceUser.Kind.KEYSTONE_USER else _by_credential(row)
    variables = {
        "OS_AUTH_URL": place.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        **who,
        **({"OS_REGION_NAME": place.region} if place.region else {}),
        "OS_INTERFACE": place.interface,
    }
    return Login(
        place=place,
        provider=place.location,
        variables=variables,
        secrets={secret: credential.secret},
        until=row.expires_at,
        hint=hint,
        head=head_of(row),
    )


def _by_credential(row: ServiceUser) -> tuple[dict[str, str], str, str]:
    """No project and no user stand beside it, for the credential says both."""
    who = {"OS_AUTH_TYPE": "v3applicationcredential", "OS_APPLICATION_CREDENTIAL_ID": row.external_id}
    hint = _("The service user was revoked, has ended, or its owner has lost the project. See its page.")
    return who, "OS_APPLICATION_CREDENTIAL_SECRET", hint


def _by_password(row: ServiceUser) -> tuple[dict[str, str], str, str]:
    """By its id, which needs no domain beside it, in its one project."""
    who = {"OS_AUTH_TYPE": "v3password", "OS_USER_ID": row.external_id, "OS_PROJECT_ID": row.tenant.external_id}
    return who, "OS_PASSWORD", _("The service user was revoked or has ended. See its page.")
