"""The page of a new server."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.changing import CommandText
from projects import access
from projects.access import Visit
from projects.actions.base import Params
from projects.forms.base import ActionForm
from projects.models import Operation, OperationTarget
from projects.operations import asking
from projects.pages import quotas
from projects.pages.action_pages import About, ActionPage, Words
from projects.pages.command import commands_of, shell_lines
from services.compute.models import Flavor, KeyPair, Server
from services.compute.servers import drafts
from services.compute.servers.create_server_form import CreateServerForm
from services.compute.servers.kind import SERVERS
from services.network.models import Network, Port

# What can be made on the way, and the name of its form's address.
MAKES = {"key-pair": "create-key-pair", "import-key-pair": "import-key-pair", "network": "create-network"}
MANY = ("network_ids", "security_group_ids")
TICKS = ("keep_volume",)


def words(about: About) -> Words:
    """Say what stands on the page of a new server, or several."""
    text = _("In %(place)s. Takes some seconds, you can leave this page meanwhile.")
    return Words(
        title=_("Create server"),
        text=text % {"place": about.place},
        button=_button,
        template="compute/server_create.html",
        context=context,
        initial=initial(about.request, about.visit),
    )


def _to_make(about: About) -> str:
    """Lead to the form of what is lacking, where asked for: what was typed is kept, and there again afterwards."""
    made = MAKES.get(about.request.POST.get("make", ""))
    if not made:
        return ""
    back = drafts.address(PAGE.url(about.tenant), drafts.keep(about.request))
    return f"{reverse(made, kwargs={'handle': about.tenant.handle})}?{urlencode({'next': back})}"


def initial(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Return what the form begins with: a draft, another server's values (`?like=`), or what the address says."""
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
    """Return the values of a server that is there; nothing for one that is not."""
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
    """Return the networks of a server that has no port any more, by what its addresses say."""
    names = {one["network"] for one in server.addresses}
    rows = Network.objects.filter(tenant=visit.tenant, name__in=names)
    return sorted(rows.values_list("external_id", flat=True))


def _made(visit: Visit, operation_id: str, said: dict[str, Any]) -> dict[str, Any]:
    """Choose what was made on the way, by the operation that the other form led back with."""
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


def context(form: ActionForm) -> dict[str, Any]:
    """Return what is left and the commands, for as many as are wanted."""
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
    lines = shell_lines(tenant, commands_of(tenant, action, *each))
    text = "\n\n".join(action.terraform(tenant, one, names) for one in each)
    return {
        "formats": [CommandText("openstack", "openstack", lines), CommandText("terraform", "Terraform", text)],
    }


PAGE = ActionPage(kind=SERVERS, path="create/", form=CreateServerForm, words=words, makes=True, leaves=_to_make)
