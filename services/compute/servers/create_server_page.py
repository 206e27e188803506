"""The page of a new server."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.ui.changing import CommandText
from projects import access
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Params
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Operation, OperationTarget
from projects.operations import asking
from projects.pages import acting, quotas
from projects.pages.acting import FormPage
from projects.pages.action_pages import form_view
from projects.pages.command import shell_lines
from services.compute.models import Flavor, KeyPair, Server
from services.compute.servers import drafts
from services.compute.servers.create_server_form import CreateServerForm
from services.network.models import Network, Port

# What can be made on the way, and where.
MAKES = {"key-pair": "key-pairs/create/", "import-key-pair": "key-pairs/import/", "network": "networks/create/"}
MANY = ("network_ids", "security_group_ids")
TICKS = ("keep_volume",)


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """A new server, or several."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTIONS[CreateServerForm.action])
    here = f"/{visit.tenant.handle}/servers/create/"
    make = MAKES.get(request.POST.get("make", ""))
    if make:
        back = drafts.address(here, drafts.keep(request))
        return HttpResponseRedirect(f"/{visit.tenant.handle}/{make}?{urlencode({'next': back})}")
    page = FormPage(
        form=CreateServerForm,
        title=gettext_lazy("Create server"),
        text=_("In %(place)s. Takes some seconds, you can leave this page meanwhile.")
        % {"place": f"{handle.project} @ {handle.location}"},
        key="servers",
        crumb=(gettext_lazy("Servers"), "servers/"),
        template="projects/server_create.html",
        button=_button,
        initial=initial,
        context=context,
    )
    return acting.show(request, access.enter(request, handle), page)


def initial(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What the form begins with: a draft, another server's values (`?like=`), or what the address says."""
    said: dict[str, Any] = {
        name: values if name in MANY else values[-1]
        for name, values in request.GET.lists()
        if name in CreateServerForm.base_fields
    }
    if request.GET.get("like"):
        said |= _like(visit, request.GET["like"])
    said |= drafts.restore(request, MANY, TICKS)
    return said | _made(visit, request.GET.get("op", ""), said)


def _like(visit: Visit, external_id: str) -> dict[str, Any]:
    """The values of a server that is there; nothing for one that is not."""
    server = Server.objects.filter(tenant=visit.tenant, external_id=external_id).first()
    if server is None:
        return {}
    flavor = Flavor.objects.filter(tenant=visit.tenant, name=server.flavor_name).first()
    ports = Port.objects.filter(tenant=visit.tenant, device_id=external_id)
    said = {
        "name": server.name,
        "image_id": server.image_id,
        "flavor_id": flavor.external_id if flavor else "",
        "key_name": server.key_name,
        "network_ids": sorted(set(ports.values_list("network_id", flat=True))) or _by_name(visit, server),
        "security_group_ids": [one["id"] for one in server.security_groups if one["id"]],
    }
    return {name: value for name, value in said.items() if value}


def _by_name(visit: Visit, server: Server) -> list[str]:
    """The networks of a server that has no port any more, by what its addresses say."""
    names = {one["network"] for one in server.addresses}
    rows = Network.objects.filter(tenant=visit.tenant, name__in=names)
    return sorted(rows.values_list("external_id", flat=True))


def _made(visit: Visit, operation_id: str, said: dict[str, Any]) -> dict[str, Any]:
    """What was made on the way, by the operation that the other form led back with: it is chosen."""
    operation = Operation.objects.filter(pk=operation_id, tenant=visit.tenant, user=visit.user).first()
    if operation is None:
        return {}
    if operation.action == "import-key-pair":
        return {"key_name": operation.params.get("name", "")}
    made = OperationTarget.objects.filter(operation=operation, kind=Network._meta.model_name)
    ids = list(made.values_list("external_id", flat=True))
    return {"network_ids": [*said.get("network_ids", []), *ids]} if ids else {}


def _button(form: ActionForm) -> str:
    n = form.times if isinstance(form, CreateServerForm) else 1
    return ngettext("Create server", "Create %(n)d servers", n) % {"n": n}


def context(request: HttpRequest, form: ActionForm) -> dict[str, Any]:
    """What is left and the commands, for as many as are wanted."""
    if not isinstance(form, CreateServerForm):
        raise TypeError("This is the page of CreateServerForm.")
    tenant, action = form.tenant, form.of()
    subject = ngettext("With this server", "With these servers", form.times)
    left = [
        replace(one, adds=one.adds * form.times, subject=subject) for one in quotas.planned(tenant, action, form.wanted)
    ]
    pairs = KeyPair.objects.filter(access.own(form.visit.user), tenant=tenant)
    return {
        "quotas": left,
        "no_key_pairs": not pairs.exists(),
        "more_open": bool(form["user_data"].value() or form["user_data"].errors),
        **_formats(form, form.each()),
    }


def _formats(form: CreateServerForm, each: list[Params]) -> dict[str, Any]:
    if len(each) < 2:
        return {}
    tenant, action, first = form.tenant, form.of(), each[0]
    names = asking.names_of(tenant, [*action.things(first), *action.also_named(first)])
    lines = shell_lines(tenant, [command for one in each for command in action.commands(one, names)])
    text = "\n\n".join(action.terraform(tenant, one, names) for one in each)
    return {
        "formats": [CommandText("openstack", "openstack", lines), CommandText("terraform", "Terraform", text)],
    }
