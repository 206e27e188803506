"""Pages that change things: a form for an action, and the buttons that ask for one at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_stubs_ext import StrOrPromise
from pydantic import ValidationError

from portal.identity import sessions
from portal.ui.changing import CommandText
from portal.ui.forms import Told, is_preview
from portal.ui.shell import Crumb
from projects import access, freshness
from projects.access import Visit
from projects.actions import ACTIONS
from projects.actions.base import Action, Params
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.models import Operation, Tenant
from projects.operations import asking
from projects.operations.asking import KeyReusedError, RefusedError
from projects.outcomes import Refusal
from projects.pages import frame, health, quotas
from projects.pages.command import client, commands_of, shell_lines


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page with the form of an action. `key` is the menu's entry; `context` gives what the template needs besides.

    `after` is where it goes when the operation has begun: by default the list, with the operation's drawer open.
    """

    form: type[ActionForm]
    title: StrOrPromise
    text: StrOrPromise
    key: str
    crumb: tuple[StrOrPromise, str]
    template: str = "projects/action_form.html"
    button: Callable[[ActionForm], StrOrPromise] = lambda form: form.of().label
    initial: Callable[[HttpRequest, Visit], Mapping[str, Any]] = lambda request, _visit: request.GET.dict()
    context: Callable[[HttpRequest, ActionForm], dict[str, Any]] = lambda _request, _form: {}
    after: Callable[[Visit, ActionForm], str] | None = None
    parts: Sequence[str] = field(default_factory=tuple)


def show(request: HttpRequest, visit: Visit, page: FormPage, **initial: Any) -> HttpResponse:
    """Draw the form, preview what it would do, and ask for its action. 403 for readers."""
    action = page.form.of()
    demand(visit, action)
    data = request.POST if request.method == "POST" else None
    if data is None or is_preview(request):
        # Not for what is sent: a refresh would be in the way of the operation, and follows it anyway.
        freshness.look_at(visit.tenant, sessions.grant_of(request))
    form = page.form(visit, data, initial={**page.initial(request, visit), **initial})
    if data is not None and form.is_valid() and not is_preview(request) and form.wanted is not None:
        grant = sessions.grant_of(request)
        try:
            with transaction.atomic():  # all of them, or none
                asked = [
                    asking.ask(visit, grant, action, wanted, key=key, checked=wanted == form.wanted)
                    for key, wanted in form.asked(grant)
                ]
        except RefusedError as refused:
            for refusal in refused.refusals:
                form.refuse(refusal)
        except KeyReusedError:
            form.refuse(Refusal("", _("This form was sent before with other values. Open it again to send it anew.")))
        else:
            url = page.after(visit, form) if page.after else _below(visit.tenant, f"{page.key}/")
            url = next_of(request) or url
            return HttpResponseRedirect(with_operation(url, asked[0]))
    form.dress()
    tenant = visit.tenant
    fresh = health.freshness_of(tenant)
    title, url = page.crumb[0], _below(tenant, page.crumb[1])
    context = {
        "shell": frame.tenant_shell(
            visit,
            frame.spots_of(visit.user),
            active=page.key,
            crumbs=[Crumb(title, url), Crumb(page.title)],
            stamp=None,
        ),
        "tenant": tenant,
        "here": f"/{tenant.handle}/",
        "title": page.title,
        "text": page.text,
        "form": form,
        "button": page.button(form),
        "cancel_url": next_of(request) or url,
        "quotas": quotas.planned(tenant, action, form.wanted),
        "as_of": fresh.as_of,
        **commands(visit, action, form.wanted),
        **page.context(request, form),
    }
    context["shell"].version = ""  # a form stays as it was opened, until it is sent
    status = 422 if data is not None and form.errors and not is_preview(request) else 200
    response = render(request, page.template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _below(tenant: Tenant, url: str) -> str:
    """Return an address that may be written below the tenant's."""
    return url if url.startswith("/") else f"/{tenant.handle}/{url}"


def next_of(request: HttpRequest) -> str:
    """Return the page of ours that a form leads back to, where its address says so: another form, which lacked
    something.
    """
    url = request.GET.get("next", "")
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""


def commands(visit: Visit, action: Action[Any], wanted: Params | None) -> dict[str, Any]:
    """Do the same as a command and as Terraform, for the sheet beside the form; none until the form is whole enough.

    `no_command`: it is, and nobody but Meshdeck can do that.
    """
    told = {"formats": [], "offers_commands": type(action).commands is not Action.commands}
    if wanted is None:
        return told
    names = asking.names_of(visit.tenant, [*action.things(wanted), *action.also_named(wanted)])
    name = client(visit.tenant)
    texts = (
        CommandText(name, name, shell_lines(visit.tenant, commands_of(visit.tenant, action, wanted))),
        CommandText("terraform", "Terraform", action.terraform(visit.tenant, wanted, names)),
    )
    formats = [one for one in texts if one.text]
    return told | {"formats": formats, "no_command": not formats}


def demand(visit: Visit, action: Action[Any]) -> None:
    """403, with whom to ask, for whose role does not allow the action."""
    if not asking.may(visit.role, action):
        raise PermissionDenied(asking.not_allowed(visit))


def with_operation(url: str, operation: Operation) -> str:
    """Return the page's address with the operation's drawer open."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "op"]
    place = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.path}?{urlencode([*query, ('op', operation.pk)])}{place}"


def button_url(tenant: Tenant, action: str, back: str, **params: str) -> str:
    """Where a button posts that asks for an action at once, and comes `back` to the page it is on."""
    return f"/{tenant.handle}/do/{action}/?{urlencode({**params, 'next': back})}"


@require_POST
@login_required
def act(request: HttpRequest, handle: Handle, name: str) -> HttpResponse:
    """Ask for the action of a button, then go back to `next` with the operation's drawer open.

    The params stand in the form, or in the address (`button_url`): they are no secret, and the form's token is checked.

    422 with the reasons where the inventory speaks against it.
    """
    visit = access.enter(request, handle)
    action = ACTIONS.get(name)
    if action is None:
        raise Http404
    demand(visit, action)
    both = [*request.GET.lists(), *request.POST.lists()]
    sent = {key: values for key, values in both if key not in ("csrfmiddlewaretoken", "next", "key")}
    many = {key for key, part in action.params.model_fields.items() if "list" in str(part.annotation)}
    wanted = {key: values if key in many else values[-1] for key, values in sent.items()}
    try:
        params = action.params.model_validate(wanted)
    except ValidationError as error:
        raise Http404 from error  # no button of ours sends that
    back = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = f"/{visit.tenant.handle}/"
    try:
        operation = asking.ask(visit, sessions.grant_of(request), action, params, key=request.POST.get("key", "")[:100])
    except RefusedError as refused:
        return refuse(request, visit, action, params, refused.refusals, back)
    return HttpResponseRedirect(with_operation(back, operation))


def refuse(
    request: HttpRequest, visit: Visit, action: Action[Any], params: Params, refusals: Sequence[Refusal], back: str
) -> HttpResponse:
    """Return what was asked for, why it can't be, and the way back."""
    names = asking.names_of(visit.tenant, [*action.things(params), *action.also_named(params)])
    return refused(request, visit, action.title(params, names), refusals, back)


def refused(request: HttpRequest, visit: Visit, title: str, refusals: Sequence[Refusal], back: str) -> HttpResponse:
    """422: the page that says why `title` is not possible now."""
    shell = frame.tenant_shell(
        visit, frame.spots_of(visit.user), active="", crumbs=[Crumb(_("Not possible now"))], stamp=None
    )
    shell.version = ""
    context = {
        "shell": shell,
        "tenant": visit.tenant,
        "title": title,
        "refusals": [Told(str(one.reason), [way for way in one.ways if way.url]) for one in refusals],
        "back": back,
    }
    return render(request, "projects/refused.html", context, status=422)
