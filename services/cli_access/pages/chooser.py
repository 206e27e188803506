"""The page CLI access: what a person wants to do, and for each way the files, the commands and what to expect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from portal.identity import sessions, vault
from portal.ui import formats
from portal.ui.commands import Command, line
from portal.ui.shell import Crumb
from projects import access, freshness, platforms
from projects.access import Visit
from projects.converters import Handle
from projects.models import Tenant
from projects.pages import frame, live
from projects.registry import Registry
from services.cli_access import places
from services.cli_access.description import Login, Place, Provider
from services.cli_access.formats import FORMATS
from services.cli_access.formats.base import Format
from services.cli_access.pages import offline
from services.cli_access.ways import WAYS
from services.cli_access.ways.base import Way
from services.cloudfoundry import pages as passcode
from services.compute.models import Server
from services.openstack.words import Service


@dataclass(frozen=True, slots=True)
class Beside:
    """What another wing offers beside the ways to log in."""

    key: str
    choice: Callable[[Visit], "Choice"]


BESIDE: Registry[Beside] = Registry(Beside, lambda beside: beside.key)
SOURCED = ("sh", "ps1")
_SERVERS, _WIDEST = 2, 24


@dataclass(frozen=True, slots=True)
class Choice:
    """A way as the chooser shows it.

    `against` says why it can't be taken, `note` what there is of it ("2 issued"). `best`: right for nearly everyone.
    """

    key: str
    icon: str
    title: StrOrPromise
    text: StrOrPromise
    url: str
    on: bool = False
    against: str = ""
    note: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be had: by a link, or with `post` by a button, because a secret is made for it.

    `leads`: by a link that leads to where it is made.
    """

    name: str
    text: str
    icon: str
    url: str
    post: bool
    on: bool
    leads: bool = False


@require_safe
@login_required
def show(request: HttpRequest, handle: Handle) -> HttpResponseBase:
    """Show the page. `?way=` and `?as=` say which way and which format. A Cloud Foundry space has its own."""
    visit = access.enter_any(request, handle)
    tenant = visit.tenant
    if not platforms.has_inventory(tenant.location):
        return passcode.of_space(request, visit)
    freshness.look_at(tenant, sessions.grant_of(request))
    if quiet := live.unchanged(request, live.version_of(tenant), None, busy=visit.busy):
        return quiet
    shell = frame.tenant_shell(
        visit, frame.spots_of(visit.user), active="cli", crumbs=[Crumb(_("CLI access"))], stamp=None
    )
    place, provider = places.place_of(visit), places.provider()
    context = {
        "shell": shell,
        "tenant": tenant,
        "identifiers": identifiers(tenant, place),
        **offered(request, visit, place, provider),
    }
    response = render(request, "cli_access/cli.html", context)
    return live.stamped(response, shell.version, None, busy=visit.busy)


def offered(request: HttpRequest, visit: Visit, place: Place, provider: Provider) -> dict[str, Any]:
    """Return what the page shows of an OpenStack tenant."""
    reasons = {key: way.against(place, provider) for key, way in WAYS.items()}
    way = WAYS.get(request.GET.get("way", ""))
    if way is None or reasons[way.key]:
        way = next(one for one in WAYS.values() if not reasons[one.key])
    shown = FORMATS.get(request.GET.get("as", ""), FORMATS["sh"])
    if shown.key == "secure":
        shown = FORMATS["clouds"]
    if way.only and shown.key not in way.only:
        shown = FORMATS["sh"]
    if way.separate:
        place = replace(place, machine=_("NUMBER"))
    login = way.login(place, provider, visit.user.username)
    here = reverse("cli", args=[visit.tenant.handle])
    tokens = offline.listed(visit)
    return {
        "way": way,
        "choices": [
            *choices(here, way, reasons, notes(request, tokens)),
            *(beside.choice(visit) for beside in BESIDE.values()),
        ],
        "facts": way.facts(),
        "files": files(visit.tenant.handle, way, place, shown),
        "readers": [
            {"label": label(one, place), "url": f"{here}?way={way.key}&as={one.key}#use", "on": one is shown}
            for one in FORMATS.values()
            if one.key != "secure" and (not way.only or one.key in way.only)
        ],
        "use": "\n".join(commands(shown, login)),
        "asks": way.asks(),
        "expected": expected(visit.tenant),
        "sourced": shown.key in SOURCED,
        "tokens": tokens if way.separate else None,
        **everywhere(visit, way, provider),
    }


def choices(here: str, on: Way, reasons: Mapping[str, str], notes: Mapping[str, str]) -> list[Choice]:
    """Return the ways. The first that is offered is right for people with a second factor and for those without."""
    best = next((key for key, why in reasons.items() if not why), "")
    return [
        Choice(
            key=key,
            icon=way.icon,
            title=way.title,
            text=way.text,
            url=f"{here}?way={key}",
            on=way is on,
            against=reasons[key],
            note=notes.get(key, ""),
            best=key == best,
        )
        for key, way in WAYS.items()
    ]


def notes(request: HttpRequest, tokens: Sequence[offline.Line]) -> dict[str, str]:
    """Until when a token works that is taken now, as the last one tells; how many offline tokens are in use."""
    life = vault.token_life(sessions.grant_of(request))
    until = formats.short_moment(timezone.now() + life) if life else ""
    issued = sum(1 for one in tokens if one.revoke_url)
    return {
        "token": _("until %(time)s") % {"time": until} if until else "",
        "offline": ngettext("%(n)s issued", "%(n)s issued", issued) % {"n": formats.number(issued)} if issued else "",
    }


def commands(shown: Format, login: Login) -> list[str]:
    """Say what to type, up to where the person is asked for something or sees a token."""
    typed = shown.commands(login)
    asked = shown.key in SOURCED and (login.talks or "ask_password" in login.parts)
    return typed if asked else [*typed, "openstack token issue"]


def label(one: Format, place: Place) -> str:
    """Return a format in the choice of how to use it."""
    return str(one.text) if one.key in SOURCED else one.file_name(place)


def files(handle: str, way: Way, place: Place, shown: Format) -> list[File]:
    """Return the files of a way. Only a way that has a secret has one apart."""
    found = []
    for key, one in FORMATS.items():
        if (key == "secure" and not way.issues) or (way.only and key not in way.only):
            continue
        if way.separate:
            url = f"{reverse('cli-offline-new', args=[handle])}?as={key}"
            found.append(File(one.file_name(place), str(one.text), one.icon, url, False, one is shown, leads=True))
            continue
        post = way.issues and one.secret
        url = reverse("cli-secret-file" if post else "cli-file", args=[handle, way.key, key])
        found.append(File(one.file_name(place), str(one.text), one.icon, url, post, one is shown))
    if place.ca_bundle:
        found.append(authority(handle, place))
    return found


def authority(handle: str, place: Place) -> File:
    """Return the certificates of a cloud whose authority is its own."""
    return File(
        place.ca_file, _("certificates, for OS_CACERT"), "shield", reverse("cli-ca", args=[handle]), False, False
    )


def expected(tenant: Tenant) -> str:
    """Say what `openstack server list` will say, as far as it is known; nothing before the first reading."""
    if "servers" not in tenant.figures:
        return ""
    rows = list(Server.objects.filter(tenant=tenant).order_by("name")[:_SERVERS].values_list("name", "status"))
    width = min(max((len(name) for name, _status in rows), default=0), _WIDEST)
    lines = [f"{name:{width}}    {status}" for name, status in rows]
    count = Server.objects.filter(tenant=tenant).count()
    if count > len(rows):
        lines.append("…")
    said = ngettext("%(count)s server, as on the page", "%(count)s servers, as on the page", count)
    return "\n".join([*lines, said % {"count": formats.number(count)}])


def everywhere(visit: Visit, way: Way, provider: Provider) -> dict[str, Any]:
    """One file for all projects and locations: which entries are in it, and which can't be."""
    if way.separate:
        return {}
    mine = places.places_of(visit.user)
    fit = [place for place in mine if not way.against(place, provider)]
    return {
        "entries": [place.name for place in fit],
        "left_out": [place.name for place in mine if place not in fit],
        "all_use": all_use(fit, way),
        "authorities": {
            place.ca_file: authority(place.handle, place) for place in reversed(fit) if place.ca_bundle
        }.values(),
        "clouds_url": reverse("cli-clouds", args=[way.key]),
        "secure_url": reverse("cli-secure", args=[way.key]) if way.issues else "",
    }


def all_use(fit: Sequence[Place], way: Way) -> str:
    """How the file for everything is used, with the first of its entries."""
    secure = ["export OS_CLIENT_SECURE_FILE=~/Downloads/secure.yaml"] if way.issues else []
    first = fit[0].name if fit else ""
    lines = [
        "export OS_CLIENT_CONFIG_FILE=~/Downloads/clouds.yaml",
        *secure,
        line(["openstack", f"--os-cloud={first}"], Command("server list")),
    ]
    return "\n".join(lines)


def identifiers(tenant: Tenant, place: Place) -> list[tuple[str, str]]:
    """Return what commands and other tools ask for: label and value, to be copied."""
    found = [
        (_("Project id"), place.project_id),
        (_("Project domain id"), place.domain_id),
        (_("Identity"), place.auth_url),
        (_("Region"), place.region),
        (_("Identity provider"), place.identity_provider),
        (_("Protocol"), place.protocol),
        *(
            (str(platforms.label_of(one.service)), one.url_for(tenant.external_id))
            for one in tenant.location.services.all()
            if one.service != Service.IDENTITY
        ),
    ]
    return [(named, value) for named, value in found if value]
