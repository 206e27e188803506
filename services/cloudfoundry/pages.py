"""CLI access of a Cloud Foundry space: Get Passcode, and what to do with it."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.identity import sessions
from portal.ui.shell import Crumb
from projects import freshness, platforms
from projects.access import Visit
from projects.pages import frame
from services.cloudfoundry.commands import CODE, commands
from services.cloudfoundry.passcode import Passcode, passcode_of


def of_space(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Return the page, for who has been let in. Readers too: it is their own login, and the foundation knows what
    they may.
    """
    tenant = visit.tenant
    freshness.look_at(tenant, sessions.grant_of(request))
    passcode = passcode_of(tenant.location)
    if not passcode.origin:
        return _page(request, visit, passcode)
    # The one address beside our own that a script of this page may ask.
    allowed = csp_update({"connect-src": [passcode.origin]})(lambda asked: _page(asked, visit, passcode))
    return allowed(request)


def _page(request: HttpRequest, visit: Visit, passcode: Passcode) -> HttpResponse:
    tenant, location = visit.tenant, visit.tenant.location
    shell = frame.tenant_shell(
        visit,
        frame.spots_of(visit.user),
        active="cli",
        crumbs=[Crumb(_("CLI access"))],
        stamp=None,
    )
    # Not looked at anew while it is open: a code that it shows would go.
    shell.version = ""
    context = {
        "shell": shell,
        "tenant": tenant,
        "location": location,
        "name": capfirst(location.name),
        "passcode": passcode,
        "commands": commands(location.auth_url, tenant.external_name, tenant.space),
        "code": CODE,
        "where": platforms.of(tenant.location).said_of(tenant),
        "expected": f"Getting apps in org {tenant.external_name} / space {tenant.space} as {visit.user.username}...",
    }
    return render(request, "services/passcode.html", context)
