"""The files of a service user: the same login in each format, written by the formats of CLI access."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from services.cli_access.description import Login, Place
from services.cli_access.formats import FORMATS, clouds_yaml
from services.cli_access.formats.clouds_yaml import BESIDE
from services.service_users.handing import Credential
from services.service_users.models import ServiceUser

# What can be had, and who reads it. One choice is one whole file: the secret is in each of them.
KINDS: Mapping[str, StrOrPromise] = {
    "sh": gettext_lazy("bash, zsh, dash, fish"),
    "ps1": gettext_lazy("PowerShell"),
    "clouds": gettext_lazy("for --os-cloud, with the secret"),
    "json": gettext_lazy("for tools"),
}
ICONS = {"sh": "terminal", "ps1": "terminal", "clouds": "file-text", "json": "file-text"}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is downloaded. It holds the secret."""

    name: str
    content_type: str
    text: str


def file_name(row: ServiceUser, kind: str) -> str:
    """ "meshrc-atlas-north-ci-deploy.sh"."""
    if kind == "json":
        return f"{place_of(row).stem}.json"
    return FORMATS[kind].file_name(place_of(row))


def use(row: ServiceUser, kind: str) -> str:
    """What to type to use it."""
    if kind == "json":
        return f"jq -r .auth.application_credential_id ~/Downloads/{file_name(row, kind)}"
    plain = replace(login_of(Credential(row, "")), secrets={})
    typed = FORMATS[kind].commands(plain)
    return "\n".join([*typed, "openstack server list"])


def files_of(credential: Credential) -> dict[str, File]:
    """Every file, by its kind."""
    return {kind: file_of(credential, kind) for kind in KINDS}


def file_of(credential: Credential, kind: str) -> File:
    """One file."""
    login, name = login_of(credential), file_name(credential.row, kind)
    if kind == "json":
        return File(name, "application/json; charset=utf-8", _json(login))
    if kind == "clouds":
        whole = replace(login, variables={**login.variables, **login.secrets}, secrets={})
        return File(name, FORMATS[kind].content_type, clouds_yaml.clouds([whole]))
    return File(name, FORMATS[kind].content_type, FORMATS[kind].render(login))


def place_of(row: ServiceUser) -> Place:
    """Where it works. Its entry in clouds.yaml is called `atlas-north-ci-deploy`."""
    tenant, location = row.tenant, row.tenant.location
    machine = slugify(row.label)[:60] or row.external_id[:8]
    return Place(
        name=f"{tenant.project.slug}-{location.name}-{machine}",
        project=tenant.project.slug,
        location=location.name,
        project_id=tenant.external_id,
        project_name=tenant.external_name,
        domain_id=tenant.domain_id,
        auth_url=location.auth_url,
        identity_provider=location.identity_provider,
        protocol=location.protocol,
        region=location.region,
        interface=location.interface,
        ca_bundle=location.ca_bundle,
        machine=machine,
    )


def login_of(credential: Credential) -> Login:
    """v3applicationcredential: no project and no user stand beside it, for the credential says both."""
    row, place = credential.row, place_of(credential.row)
    variables = {
        "OS_AUTH_TYPE": "v3applicationcredential",
        "OS_AUTH_URL": place.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_APPLICATION_CREDENTIAL_ID": row.external_id,
        **({"OS_REGION_NAME": place.region} if place.region else {}),
        "OS_INTERFACE": place.interface,
    }
    until = row.expires_at
    ends = _("until %(time)s") % {"time": f"{until:%Y-%m-%d %H:%M:%S} UTC"} if until else _("until it is revoked")
    return Login(
        place=place,
        provider=place.location,
        variables=variables,
        secrets={"OS_APPLICATION_CREDENTIAL_SECRET": credential.secret},
        until=until,
        hint=_("The service user was revoked, has ended, or its owner has lost the project. See its page."),
        head=[
            _("Service user %(name)s: logs in without a password, %(ends)s.") % {"name": row.label, "ends": ends},
            _("The secret is in this file, and nowhere else. Whoever has the file is this service user."),
        ],
    )


def _json(login: Login) -> str:
    beside = {BESIDE[name]: value for name, value in login.variables.items() if name in BESIDE}
    named = {**login.variables, **login.secrets}
    auth = {name.removeprefix("OS_").lower(): value for name, value in named.items() if name not in BESIDE}
    project = {"project_id": login.place.project_id, "handle": login.place.handle}
    ends = {"expires_at": login.until.isoformat() if login.until else None}
    return json.dumps({**beside, "auth": auth, **project, **ends}, indent=2, ensure_ascii=False) + "\n"
