"""Making a key pair: the private key is made here, goes to the browser as a file, and is kept nowhere.

    GET   ?key=K   the form; from when the operation K is there, what to do with the file
    POST  ?key=K   makes the pair, asks for the import of its public half, answers with the private one

Who sends it twice has the file of the first answer only: a second pair under the same name would not fit the first.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.identity import sessions
from portal.ui.forms import is_preview
from portal.ui.shell import Crumb
from projects import access, freshness
from projects.access import Visit
from projects.converters import Handle
from projects.models import Operation
from projects.operations import asking
from projects.operations.asking import KeyReusedError, RefusedError
from projects.pages import acting, frame, live, sentences
from projects.pages.action_pages import form_view
from services.compute.key_pairs import import_key_pair_page
from services.compute.key_pairs.forms import NamedKeyPair
from services.compute.key_pairs.import_key_pair import ImportKeyPair
from services.compute.key_pairs.kind import KEY_PAIRS
from services.compute.servers import create_server_page

ACTION = ImportKeyPair()
# A key of the right form for looking at a form that is not sent yet; nobody has its private half.
_SAMPLE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class CreateKeyPairForm(NamedKeyPair):
    """A new key pair: all but its name is made here, and the public key when the form is sent."""

    def as_params(self, cleaned: Any) -> dict[str, Any]:
        return {"name": cleaned.get("name", ""), "public_key": self.initial["public_key"]}


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """Show the page; with POST give the private key."""
    visit = access.enter(request, handle)
    acting.demand(visit, ACTION)
    freshness.look_at_own(visit.tenant, sessions.grant_of(request), visit.own_as_of)
    key = request.GET.get("key", "")[:100]
    if not key:
        return HttpResponseRedirect(f"?{urlencode({**request.GET.dict(), 'key': str(uuid4())})}")
    there = _operation(visit, key)
    if request.method != "POST" or there is not None:
        form = None if there else _form(visit, key, request.GET.get("name", ""))
        return _page(request, visit, form, there, again=request.method == "POST")
    form = CreateKeyPairForm(visit, request.POST, initial={"public_key": _SAMPLE})
    if not form.is_valid() or is_preview(request):
        return _page(request, visit, form, None)
    private, public = make(form.cleaned_data["name"])
    params = ACTION.params.model_validate({"name": form.cleaned_data["name"], "public_key": public})
    try:
        asking.ask(visit, sessions.grant_of(request), ACTION, params, key=key)
    except KeyReusedError:  # another request of this form was faster: its answer has the file
        return _page(request, visit, None, _operation(visit, key), again=True)
    except RefusedError as refused:
        for refusal in refused.refusals:
            form.refuse(refusal)
        return _page(request, visit, form, None)
    return _file(private, file_name(form.cleaned_data["name"]))


def make(name: str) -> tuple[bytes, str]:
    """Make a key pair: the private key and the public one, both as OpenSSH writes them."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), f"{public} {name}"


def file_name(name: str) -> str:
    """Name the file: "zoe laptop" gives zoe-laptop.pem."""
    return f"{'-'.join(name.split())}.pem"


def _file(private: bytes, name: str) -> HttpResponse:
    response = HttpResponse(private, content_type="application/x-pem-file")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _form(visit: Visit, key: str, name: str) -> CreateKeyPairForm:
    return CreateKeyPairForm(visit, initial={"public_key": _SAMPLE, "key": key, "name": name})


def _operation(visit: Visit, key: str) -> Operation | None:
    """Return the import that this page has asked for."""
    mine = Operation.objects.filter(user=visit.user, tenant=visit.tenant, action=ACTION.name)
    return mine.filter(key=key).first()


def _page(
    request: HttpRequest, visit: Visit, form: CreateKeyPairForm | None, there: Operation | None, *, again: bool = False
) -> HttpResponse:
    """Show the form; or what to do with the file, followed until the public key has arrived."""
    version = live.version_of_all(["key pair", there.pk if there else "", there.state if there else ""])
    busy = there is not None and there.is_open
    if quiet := live.unchanged(request, version, None, busy=busy):
        return quiet
    tenant = visit.tenant
    listed = KEY_PAIRS.url(tenant.handle)
    crumbs = [Crumb(KEY_PAIRS.names, listed), Crumb(_("Create key pair"))]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active="key-pairs", crumbs=crumbs, stamp=None)
    shell.version, shell.busy = version, busy
    context = {
        "shell": shell,
        "tenant": tenant,
        "here": reverse("tenant", kwargs={"handle": tenant.handle}),
        "form": form,
        "again": again,
        "import_url": f"{import_key_pair_page.PAGE.url(tenant)}?{request.GET.urlencode()}",
        "cancel_url": acting.next_of(request) or listed,
        **(_after(request, visit, there) if there else {}),
    }
    refused = (form is not None and form.is_bound and bool(form.errors) and not is_preview(request)) or again
    response = render(request, "compute/key_pair_create.html", context, status=422 if refused else 200)
    return live.stamped(response, version, None, busy=busy)


def _after(request: HttpRequest, visit: Visit, there: Operation) -> dict[str, Any]:
    """Say what to do with the file, how far the import is, and where it goes on."""
    role, word = sentences.state_of(there)
    name = str(there.params["name"])
    path = file_name(name)
    back = acting.next_of(request)
    new = f"{create_server_page.PAGE.url(visit.tenant)}?{urlencode({'key_name': name})}"
    return {
        "operation": there,
        "state": {"role": role, "word": word},
        "name": name,
        "file": path,
        "protect": f"chmod 600 ~/Downloads/{path}",
        "use": f"ssh -i ~/Downloads/{path} debian@{_('ADDRESS')}",
        "go_on": acting.with_operation(back, there) if back else new,
        "back": back,
    }
