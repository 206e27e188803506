"""The API's page for people: its address, how to authenticate, and everything it offers, drawn from the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ui.shell import Crumb
from projects import access
from projects.api.base import ROOT
from projects.pages import frame


@dataclass(frozen=True, slots=True)
class Line:
    """One request that the API offers."""

    id: str
    method: str
    path: str
    says: str


@dataclass(frozen=True, slots=True)
class Part:
    """A group of requests."""

    id: str
    title: str
    lines: list[Line]


@require_safe
def show(request: HttpRequest, document: Mapping[str, Any]) -> HttpResponse:
    """Show the page to everyone who is logged in."""
    user = access.person(request)
    spots = frame.spots_of(user)
    root = f"{settings.BASE_URL}{ROOT}"
    handle = spots[0].handle if spots else "atlas@north"
    bearer = '-H "Authorization: Bearer $TOKEN"'
    context = {
        "shell": frame.site_shell(user, spots, active="api", crumbs=[Crumb(_("API"))]),
        "root": root,
        "document": f"{ROOT}/openapi.json",
        "look": f"curl {bearer} \\\n{root}/tenants/{handle}/servers",
        "change": (
            f'curl {bearer} \\\n  -H "Idempotency-Key: backup-1" \\\n'
            f'  --json \'{{"name": "backup", "size_gb": 10}}\' \\\n{root}/tenants/{handle}/actions/create-volume'
        ),
        "parts": parts(document),
    }
    response = render(request, "projects/api.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def parts(document: Mapping[str, Any]) -> list[Part]:
    """Return everything in the document's order, in four parts. Dry runs are described once."""
    titles = {
        "site": _("Above tenants"),
        "tenant": _("In a tenant"),
        "operations": _("Operations"),
        "actions": _("Actions"),
    }
    found: dict[str, list[Line]] = {key: [] for key in titles}
    for path, methods in document["paths"].items():
        if path.endswith("/preview"):
            continue
        for method, one in methods.items():
            tag = one["tags"][0]
            key = tag if tag in titles else "tenant" if "{handle}" in path else "site"
            found[key].append(Line(one["operationId"], method.upper(), path.removeprefix(ROOT), one["summary"]))
    return [Part(key, title, found[key]) for key, title in titles.items()]
