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
from projects.pages import acting, frame, live
from projects.pages import sentences as telling
from projects.pages.action_pages import form_view
from services.compute.key_pairs.import_key_pair import ImportKeyPair
from services.compute.key_pairs.key_pair_forms import CreateKeyPairForm

ACTION = ImportKeyPair()
# A key of the right form for looking at a form that is not sent yet; nobody has its private half.
_SAMPLE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@form_view
def create(request: HttpRequest, handle: Handle) -> HttpResponse:
    """The page, and with POST the private key."""
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
    """A new key pair: the private key and the public one, both as OpenSSH writes them."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), f"{public} {name}"


def file_name(name: str) -> str:
    """What the file is called: "zoe laptop" gives zoe-laptop.pem."""
    return f"{'-'.join(name.split())}.pem"


def _file(private: bytes, name: str) -> HttpResponse:
    response = HttpResponse(private, content_type="application/x-pem-file")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _form(visit: Visit, key: str, name: str) -> CreateKeyPairForm:
    return CreateKeyPairForm(visit, initial={"public_key": _SAMPLE, "key": key, "name": name})


def _operation(visit: Visit, key: str) -> Operation | None:
    """The import that this page has asked for."""
    mine = Operation.objects.filter(user=visit.user, tenant=visit.tenant, action=ACTION.name)
    return mine.filter(key=key).first()


def _page(
    request: HttpRequest, visit: Visit, form: CreateKeyPairForm | None, there: Operation | None, *, again: bool = False
) -> HttpResponse:
    """The form; or what to do with the file, followed until the public key has arrived."""
    version = live.version_of_all(["key pair", there.pk if there else "", there.state if there else ""])
    busy = there is not None and there.is_open
    if quiet := live.unchanged(request, version, None, busy=busy):
        return quiet
    tenant = visit.tenant
    crumbs = [Crumb(_("Key pairs"), f"/{tenant.handle}/key-pairs/"), Crumb(_("Create key pair"))]
    shell = frame.tenant_shell(visit, frame.spots_of(visit.user), active="key-pairs", crumbs=crumbs, stamp=None)
    shell.version, shell.busy = version, busy
    context = {
        "shell": shell,
        "tenant": tenant,
        "here": f"/{tenant.handle}/",
        "form": form,
        "again": again,
        "import_url": f"/{tenant.handle}/key-pairs/import/?{request.GET.urlencode()}",
        "cancel_url": acting.next_of(request) or f"/{tenant.handle}/key-pairs/",
        **(_after(request, visit, there) if there else {}),
    }
    refused = (form is not None and form.is_bound and bool(form.errors) and not is_preview(request)) or again
    response = render(request, "projects/key_pair_create.html", context, status=422 if refused else 200)
    return live.stamped(response, version, None, busy=busy)


def _after(request: HttpRequest, visit: Visit, there: Operation) -> dict[str, Any]:
    """What to do with the file, how far the import is, and where it goes on."""
    role, word = telling.state_of(there)
    name = str(there.params["name"])
    path = file_name(name)
    back = acting.next_of(request)
    new = f"/{visit.tenant.handle}/servers/create/?{urlencode({'key_name': name})}"
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
