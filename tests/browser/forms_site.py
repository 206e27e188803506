"""A site of the components that change things, under the site's own CSP.

The gallery's pages are used as they are; `/live/` is a page that keeps itself current around forms, and `/operations/`
has an operation that the tests advance.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import RequestContext, Template
from django.urls import include, path
from playwright.sync_api import Page

from portal.ui import forms, gallery
from portal.ui.changing import Action, OperationView, Step
from portal.ui.gallery_data import shell


@dataclass(slots=True)
class Site:
    """The server's next response, and what it was sent."""

    figure: int = 14
    left: int = 10
    done: int = 0
    running: bool = True
    looks: int = 0
    patience: float = 0  # how long a response about the operation takes, in seconds
    sent: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def version(self) -> str:
        return f"{self.figure}.{self.left}"


SITE = Site()


class AttachForm(django_forms.Form):
    """Every kind of control that could be disturbed, and a preview."""

    use_required_attribute = False
    size = forms.FigureField(label="Size", unit="GB")
    note = django_forms.CharField(label="Note", required=False, widget=django_forms.Textarea)
    source = forms.CardField(label="Source", choices=[("a", forms.Card("A")), ("b", forms.Card("B"))], initial="a")
    zone = django_forms.ChoiceField(label="Zone", choices=[("n", "nova"), ("m", "mars")])
    # The choices depend on the zone.
    server = django_forms.ChoiceField(label="Server", required=False)
    groups = forms.ManyCardsField(label="Groups", required=False, initial=["x"], choices=[("x", "x"), ("y", "y")])

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        zone = self["zone"].value() or "n"
        self.fields["server"].choices = [(f"{zone}-{n}", f"server {n} in {zone}") for n in (1, 2)]


LIVE = Template(
    """{% extends "base.html" %}{% block title %}{{ figure }}{% endblock %}{% block page %}
    {% include "components/head.html" with title="atlas" stamp=shell.stamp only %}
    <p id="figure">{{ figure }}</p>
    <form id="attach" class="md-sheet" method="post" novalidate data-preview>{% csrf_token %}
      <input type="hidden" name="seen" value="{{ figure }}">
      <div class="md-sheet__body stack">{% for field in form %}{{ field.as_field_group }}{% endfor %}</div>
      {% include "components/form_foot.html" with form=form action="Attach" only %}
      <button type="reset" id="reset">Discard</button>
    </form>
    <div id="left" data-preview-part><span id="left-words">{{ planned|default:0 }} of {{ left }}</span></div>
    <form id="plain" method="post">{% csrf_token %}
      <label>Name <input name="name" id="name" value="{{ figure }}"></label>
    </form>
    <section class="md-sheet" aria-label="Servers">
      {% include "components/bulk.html" with label="Selected servers" actions=bulk %}
      <table class="md-table has-pick"><thead><tr>
        <th class="pick">{% include "components/pick_all.html" with label="All" only %}</th><th>Name</th>
      </tr></thead><tbody>{% for name in names %}<tr id="row-{{ name }}">
        <td class="pick">{% include "components/pick.html" with id=name name=name what=figure only %}</td>
        <td>{{ name }}</td>
      </tr>{% endfor %}</tbody></table>
    </section>
    {% endblock %}"""
)


def live(request: HttpRequest) -> HttpResponse:
    """Show a page that keeps itself current, with forms on it."""
    if request.headers.get("X-Meshdeck-Version") == SITE.version:
        return HttpResponse(status=204)
    form = AttachForm(request.POST or None)
    if request.method == "POST" and not forms.is_preview(request):
        SITE.sent.append({key: values for key, values in request.POST.lists() if key != "csrfmiddlewaretoken"})
    around = shell()
    around.version = SITE.version
    around.operations_url = "/operations/"
    context = {
        "shell": around,
        "figure": SITE.figure,
        "left": SITE.left,
        "form": form,
        "planned": form["size"].value(),
        "names": [f"web-{n}" for n in range(1, 6)],
        "bulk": [Action("Stop", "/live/", post=True, name="what", value="stop"), Action("Delete", "/sure/")],
    }
    return HttpResponse(LIVE.render(RequestContext(request, context)))


def sure(request: HttpRequest) -> HttpResponse:
    """Show where a button that does not post leads."""
    return HttpResponse(" ".join(request.GET.getlist("ids")))


def operation(request: HttpRequest, name: str) -> HttpResponse:
    """Show an operation, for the drawer or as a page."""
    if name == "op-none":
        return HttpResponse(status=404)
    SITE.looks += 1
    time.sleep(SITE.patience)
    steps = [Step(f"Step {n}", "done") for n in range(SITE.done)] + [Step("At work", "working")] * SITE.running
    role, word = ("work", "Running") if SITE.running else ("ok", "Done")
    view = OperationView(f"Attach {name}", role, word, f"/operations/{name}/", SITE.running, steps=steps)
    return render(
        request, "components/drawer.html" if "drawer" in request.GET else "gallery_operation.html", {"op": view}
    )


SLOW = Template(
    """{% extends "base.html" %}{% block page %}
    <form id="f" method="post">{% csrf_token %}<button id="b">Send</button></form>
    {% endblock %}"""
)


def slow(request: HttpRequest) -> HttpResponse:
    """Record what was sent, and lead back."""
    if request.method == "POST":
        SITE.sent.append({key: values for key, values in request.POST.lists() if key != "csrfmiddlewaretoken"})
        return HttpResponse(status=204)  # the page stays, as with a download
    return HttpResponse(SLOW.render(RequestContext(request, {"shell": shell()})))


urlpatterns = [
    path("live/", live),
    path("sure/", sure),
    path("slow/", slow),
    path("operations/", lambda _request: HttpResponseRedirect("/live/")),
    path("operations/<name>/", operation),
    path("ui/", include("portal.ui.gallery")),
    path("search/", gallery.search, name="search"),
    path("login/", live, name="login"),
    path("logout/", live, name="logout"),
]


def as_new(page: Page) -> Iterator[Site]:
    """Reset the server; fail if the browser logged any error."""
    SITE.__init__()  # type: ignore[misc] # as new for each test
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield SITE
    # Requests cut off by a reload of the page or by Escape; and the operation that does not exist.
    expected = re.compile(r"404 \(Not Found\)|net::ERR_FAILED")
    assert [text for text in complaints if not expected.search(text)] == []


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")
