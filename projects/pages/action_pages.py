"""The page of an action: a form about one thing of a kind, or about a new one, declared beside the action.

    PAGE = ActionPage(kind=VOLUMES, path="extend/", form=ExtendVolumeForm, words=words)

`words` says what stands on the page for this thing and person. The address is made from it: below the thing it is
about, or below the kind's list. Its name is the action's: `reverse("extend-volume", kwargs=…)`. A path may name more
than the thing (`subnets/<str:subnet_id>/delete/`): that comes to `words` as `about.parts`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods
from django_stubs_ext import StrOrPromise

from projects import access
from projects.access import Visit
from projects.converters import Handle
from projects.forms.base import ActionForm
from projects.kinds import Kind
from projects.models import Tenant
from projects.outcomes import Ends, Refusal
from projects.pages import acting
from projects.pages.acting import FormPage
from projects.registry import Registry

View = Callable[..., HttpResponse]

FORM = "projects/action_form.html"
# Of what can't be taken back, or loses something: what stays and what goes.
CONFIRM = "projects/action_confirm.html"


def form_view(view: View) -> View:
    """Make a view that is got and posted, by people who are logged in."""
    return require_http_methods(["GET", "HEAD", "POST"])(login_required(view))


def place(tenant: Tenant) -> str:
    """Say "atlas @ north"."""
    return f"{tenant.project.slug} @ {tenant.location.name}"


def confirming(ends: Ends, icon: str, foot_note: StrOrPromise = "") -> dict[str, Any]:
    """Return what CONFIRM draws: what is lost and kept, as the API's dry run says it too."""
    return {"lost": ends.lost, "kept": ends.kept, "icon": icon, "foot_note": foot_note}


@dataclass(frozen=True, slots=True)
class About:
    """Whom a page is for, and what it is about. `thing` is None where something new is made.

    `parts` is what the page's own path names besides the thing.
    """

    request: HttpRequest
    visit: Visit
    thing: Any = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        """Where it is."""
        return self.visit.tenant

    @property
    def place(self) -> str:
        """Say "atlas @ north"."""
        return place(self.visit.tenant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands on the page.

    `button` and `context` may be made from the form; `initial` is given to it. `back` is where the page leads back to,
    and where it goes when the operation has begun: by default the thing, or the list of what is made or deleted.
    `against` says why it is not possible now: told in place of the form.
    """

    title: StrOrPromise
    text: StrOrPromise
    button: StrOrPromise | Callable[[ActionForm], StrOrPromise]
    template: str = FORM
    context: Mapping[str, Any] | Callable[[ActionForm], Mapping[str, Any]] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    back: str = ""
    after: Callable[[Visit, ActionForm], str] | None = None
    against: Refusal | Sequence[Refusal] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPage:
    """The page of an action. With `makes` it is about a new thing of the kind, else about one that is there."""

    kind: Kind
    path: str
    form: type[ActionForm]
    words: Callable[[About], Words]
    makes: bool = False
    # Whether the thing is gone when it is done: then the page leads to the list.
    ends: bool = False
    # The rows that it may be about, where these are not all that the person sees.
    rows: Callable[[Visit], QuerySet[Any]] | None = None
    name: str = ""
    # Where a form goes that is left to make what it lacks; empty as long as it stays.
    leaves: Callable[[About], str] = lambda _about: ""

    @property
    def route(self) -> str:
        """The name of its address."""
        return self.name or self.form.action

    def url(self, tenant: Tenant, thing: Any = None, **parts: str) -> str:
        """Return its address. `parts` is what its path names besides the thing."""
        where = {"handle": tenant.handle} | ({} if self.makes else {"external_id": thing.external_id})
        return reverse(self.route, kwargs={**where, **parts})


PAGES: Registry[ActionPage] = Registry(ActionPage, lambda page: page.route)


def urls() -> list[URLPattern]:
    """Return the addresses of all pages that the wings declare, first those that make something."""
    found = []
    for page in sorted(PAGES.values(), key=lambda page: not page.makes):
        thing = "" if page.makes else "<str:external_id>/"
        found.append(path(f"{page.kind.key}/{thing}{page.path}", _view(page), name=page.route))
    return found


def _view(page: ActionPage) -> View:
    @form_view
    def view(request: HttpRequest, handle: Handle, external_id: str = "", **parts: str) -> HttpResponse:
        return show(request, handle, page, external_id, **parts)

    return view


def show(request: HttpRequest, handle: Handle, page: ActionPage, external_id: str = "", **parts: str) -> HttpResponse:
    """Show the page. 404 for strangers and for what is not there, 403 for readers."""
    visit = access.enter(request, handle)
    acting.demand(visit, page.form.of())
    only = page.rows(visit) if page.rows else None
    thing = None if page.makes else thing_of(visit, page.kind, external_id, only)
    about = About(request, visit, thing, parts)
    if url := page.leaves(about):
        return HttpResponseRedirect(url)
    words = page.words(about)
    listed = page.kind.url(visit.tenant.handle)
    there = listed if thing is None else page.kind.url_of(visit.tenant.handle, external_id) or listed
    back = words.back or there
    if words.against and request.method != "POST":
        against = [words.against] if isinstance(words.against, Refusal) else words.against
        told = acting.refused(request, visit, str(words.title), against, back)
        told.status_code = 200  # nothing was asked for yet
        return told
    button, context = words.button, words.context
    form_page = FormPage(
        form=page.form,
        title=words.title,
        text=words.text,
        key=page.kind.key,
        crumb=(page.kind.names if there == listed else page.kind.label(thing), back),
        template=words.template,
        button=button if callable(button) else lambda _form: button,
        context=lambda _request, form: {**(context(form) if callable(context) else context)},
        after=words.after or (lambda _visit, _form: listed if page.ends else back),
    )
    initial = words.initial if thing is None else {"thing": thing, **words.initial}
    return acting.show(request, visit, form_page, **initial)


def thing_of(visit: Visit, kind: Kind, external_id: str, only: QuerySet[Any] | None = None) -> Any:
    """Return the thing with this id that the person may see, with its tenant at hand; 404 for what is not there.

    Only one of these rows, where they are given.
    """
    rows = (kind.rows(visit.tenant) if only is None else only).filter(external_id=external_id)
    row = (rows.filter(access.own(visit.user)) if kind.personal else rows).first()
    if row is None:
        raise Http404
    row.tenant = visit.tenant
    return row
