"""What the components for changing things do in a real browser, under the site's own CSP.

The gallery's pages are used as they are; `/live/` is a page that keeps itself current around forms, and `/operations/`
has an operation that the tests move on.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import RequestContext, Template
from django.urls import include, path
from playwright.sync_api import Browser, Page, expect

from portal.ui import forms, gallery
from portal.ui.changing import Action, OperationView, Step
from portal.ui.gallery_data import shell
from tests.browser.conftest import COLOURS, RULES
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


@dataclass(slots=True)
class Site:
    """What the server would say next, and what it was sent."""

    figure: int = 14
    left: int = 10
    done: int = 0
    running: bool = True
    looks: int = 0
    patience: float = 0  # how long an answer about the operation takes, in seconds
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
    """A page that keeps itself current, with forms on it."""
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
    """What a button that does not post leads to."""
    return HttpResponse(" ".join(request.GET.getlist("ids")))


def operation(request: HttpRequest, name: str) -> HttpResponse:
    """An operation, for the drawer or as a page."""
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
    """Takes down what was sent, and leads back."""
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


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Address of the server."""
    with serving(__name__) as address:
        yield address


@pytest.fixture
def site(page: Page) -> Iterator[Site]:
    """The server as new; fails when the browser had anything to complain about."""
    SITE.__init__()  # type: ignore[misc] # as new for each test
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield SITE
    # Requests that a new load of the page, or Escape, cut off; and the operation that does not exist.
    expected = re.compile(r"htmx:(afterRequest|sendError|sendAbort)|404 \(Not Found\)")
    assert [text for text in complaints if not expected.search(text)] == []


@pytest.fixture
def create(page: Page, origin: str, site: Site) -> Page:
    """The form that follows as one types."""
    page.goto(f"{origin}/ui/form/")
    return page


@pytest.fixture
def at_live(page: Page, origin: str, site: Site) -> Page:
    """The page that keeps itself current."""
    page.goto(f"{origin}/live/")
    expect(page.locator("#figure")).to_have_text("14")
    return page


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_a_refusal_appears_when_its_field_is_left_and_not_while_one_types(create: Page) -> None:
    create.click("#id_size")
    create.keyboard.type("480", delay=20)
    expect(create.locator("#left")).to_contain_text("1,040 GB, 40 GB too much")  # the answer has come
    expect(create.locator("#id_size_field .md-err")).to_have_count(0)
    expect(create.locator("#id_size")).not_to_have_attribute("aria-invalid", "true")
    create.keyboard.press("Tab")
    expect(create.locator("#id_size_error")).to_contain_text("480 GB is 40 GB more than atlas has left")
    expect(create.locator("#id_size")).to_have_attribute("aria-invalid", "true")
    expect(create.locator("#id_size")).to_have_attribute("aria-describedby", "id_size_error")
    assert create.input_value("#id_size") == "480"
    assert focused(create) == "id_kind"


def test_a_refusal_goes_while_one_types_what_is_right_and_does_not_come_back_before_the_field_is_left(
    create: Page,
) -> None:
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    expect(create.locator("#id_size_error")).to_be_visible()
    create.focus("#id_size")
    create.keyboard.press("End")
    create.keyboard.press("Backspace")
    expect(create.locator("#id_size_error")).to_have_count(0)
    expect(create.locator("#id_size_field .pf-m-error")).to_have_count(0)
    create.keyboard.type("9")
    expect(create.locator("#left")).to_contain_text("1,049 GB, 49 GB too much")
    expect(create.locator("#id_size_error")).to_have_count(0)


def test_the_way_on_fills_the_field_and_everything_follows(create: Page) -> None:
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    create.get_by_role("button", name="Use 440 GB").click()
    assert create.input_value("#id_size") == "440"
    expect(create.locator("#id_size_error")).to_have_count(0)
    expect(create.locator("#left")).to_contain_text("560 + 440 of 1,000 GB")
    expect(create.locator("#left")).not_to_contain_text("too much")
    expect(create.locator("#command")).to_contain_text("--size 440")
    assert focused(create) == "id_size"


def test_what_is_typed_stays_under_the_hand(create: Page) -> None:
    create.click("#id_name")
    create.keyboard.type("data", delay=20)
    expect(create.locator("#command")).to_contain_text("data")
    create.keyboard.press("Home")
    create.keyboard.type("pg-", delay=200)  # answers arrive between the keys
    expect(create.locator("#command")).to_contain_text("pg-data")
    assert create.input_value("#id_name") == "pg-data"
    assert create.evaluate("document.activeElement.selectionStart") == 3


def test_nobody_is_blamed_for_a_field_not_reached_yet_and_the_foot_names_it(create: Page) -> None:
    create.fill("#id_size", "10")
    create.locator("#id_size").blur()
    expect(create.locator("#form-foot")).to_contain_text("Still needed: Name")
    expect(create.locator(".md-err")).to_have_count(0)
    button = create.get_by_role("button", name="Create and attach")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_attribute("aria-describedby", "form-needs")
    create.evaluate("window.same = true")
    button.click(force=True)  # the test's driver takes aria-disabled for disabled
    expect(create.locator("#id_name_error")).to_have_text("Name is still needed.")
    expect(create.locator("#id_name")).to_be_focused()
    assert create.evaluate("window.same")  # checked in place, nothing was sent


def test_what_was_missing_is_given_and_the_first_click_sends(create: Page) -> None:
    create.fill("#id_size", "10")
    create.locator("#id_size").blur()
    button = create.get_by_role("button", name="Create and attach")
    expect(button).to_have_attribute("aria-disabled", "true")
    create.fill("#id_name", "data-01")
    button.click(force=True)  # before the page could hear that nothing is missing any more
    create.wait_for_url("**/ui/list/?op=op-running")
    expect(create.locator("#drawer-title")).to_contain_text("Create volume")


def test_enter_in_a_field_sends_and_does_not_press_the_way_on(create: Page) -> None:
    create.fill("#id_name", "data-01")
    create.fill("#id_size", "480")
    create.locator("#id_size").blur()
    expect(create.locator("#id_size_error")).to_be_visible()
    create.fill("#id_size", "40")
    create.keyboard.press("Enter")
    create.wait_for_url("**/ui/list/?op=op-running")


def test_the_command_keeps_its_format(create: Page) -> None:
    create.get_by_text("Terraform").click()
    expect(create.locator("#command-openstack")).to_be_hidden()
    create.fill("#id_size", "77")
    expect(create.locator("#command-terraform")).to_contain_text("size = 77")
    expect(create.locator("#command-openstack")).to_be_hidden()
    create.get_by_label("Terraform").press("ArrowLeft")
    expect(create.locator("#command-openstack")).to_contain_text("--size 77")


def test_without_scripts_the_server_checks_and_keeps_what_was_typed(browser: Browser, origin: str) -> None:
    SITE.__init__()  # type: ignore[misc] # as new
    profile = browser.new_context(java_script_enabled=False)
    page = profile.new_page()
    page.goto(f"{origin}/ui/form/")
    page.fill("#id_size", "480")
    page.check("input[value=image]")
    page.get_by_role("button", name="Create and attach").click()
    expect(page.locator("#id_name_error")).to_have_text("Name is still needed.")
    expect(page.locator("#id_size_error")).to_contain_text("40 GB more")
    assert page.input_value("#id_size") == "480"
    assert page.is_checked("input[value=image]")
    expect(page.locator("#id_name")).to_be_focused()
    page.get_by_text("Terraform").click()
    expect(page.locator("#command-openstack")).to_be_hidden()
    page.fill("#id_name", "data-01")
    page.fill("#id_size", "40")
    page.get_by_role("button", name="Create and attach").click(force=True)
    expect(page).to_have_url(re.compile("op=op-running$"))
    page.check("[data-pick] >> nth=0")
    expect(page.locator("#bulk")).to_be_visible()
    expect(page.locator("[data-pick-all]")).to_be_hidden()
    page.goto(f"{origin}/live/")
    page.check("[value=web-2]")
    page.check("[value=web-4]")
    page.get_by_role("button", name="Stop").click()
    assert SITE.sent == [{"ids": ["web-2", "web-4"], "what": ["stop"]}]
    page.check("[value=web-3]")
    page.get_by_role("button", name="Delete").click()
    assert page.text_content("body") == "web-3"
    profile.close()


def test_a_begun_form_is_left_alone_while_the_page_goes_on(at_live: Page, site: Site) -> None:
    at_live.fill("#id_size", "4")
    at_live.fill("#id_note", "typed")
    at_live.check("#id_source_1")
    at_live.select_option("#id_zone", "m")
    at_live.uncheck("#id_groups_0")
    at_live.check("#id_groups_1")
    at_live.fill("#name", "mine")
    expect(at_live.locator("#id_server option").first).to_have_text("server 1 in m")
    at_live.select_option("#id_server", "m-2")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    assert at_live.input_value("#id_size") == "4"
    assert at_live.input_value("#id_note") == "typed"
    assert at_live.is_checked("#id_source_1")
    assert at_live.input_value("#id_zone") == "m"
    assert at_live.input_value("#id_server") == "m-2"
    assert not at_live.is_checked("#id_groups_0")
    assert at_live.is_checked("#id_groups_1")
    assert at_live.input_value("#name") == "mine"
    # What the form was begun with is sent with it, so that the server can tell who was first.
    assert at_live.input_value("[name=seen]") == "14"


def test_what_is_said_about_a_begun_form_follows_the_page(at_live: Page, site: Site) -> None:
    at_live.fill("#id_size", "4")
    expect(at_live.locator("#left-words")).to_have_text("4 of 10")
    at_live.evaluate(
        """() => {
            window.said = [];
            const left = document.querySelector('#left');
            new MutationObserver(() => window.said.push(left.textContent)).observe(
                left, {subtree: true, childList: true, characterData: true});
        }"""
    )
    site.left = 7
    expect(at_live.locator("#left-words")).to_have_text("4 of 7")
    # Not for a moment as if nothing had been asked for.
    assert at_live.evaluate("window.said") == ["4 of 7"]
    assert at_live.input_value("#id_size") == "4"


def test_a_form_that_is_given_up_follows_the_page_again(at_live: Page, site: Site) -> None:
    at_live.fill("#name", "mine")
    at_live.check("#id_source_1")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    assert at_live.input_value("#name") == "mine"
    at_live.locator("#plain").evaluate("form => form.reset()")
    at_live.click("#reset")
    site.figure = 16
    expect(at_live.locator("#name")).to_have_value("16")
    expect(at_live.locator("[name=seen]")).to_have_value("16")
    assert at_live.is_checked("#id_source_0")


def test_a_form_that_nobody_has_begun_follows_the_page(at_live: Page, site: Site) -> None:
    site.figure = 15
    expect(at_live.locator("#name")).to_have_value("15")


def test_choices_that_depend_on_another_follow_it(at_live: Page) -> None:
    at_live.select_option("#id_server", "n-2")
    at_live.select_option("#id_zone", "m")
    expect(at_live.locator("#id_server option")).to_have_text(["server 1 in m", "server 2 in m"])
    at_live.fill("#id_size", "4")
    at_live.select_option("#id_server", "m-2")
    expect(at_live.locator("#left-words")).to_have_text("4 of 10")
    assert at_live.input_value("#id_server") == "m-2"
    assert at_live.input_value("#id_zone") == "m"


def test_ticks_tell_what_will_change(at_live: Page) -> None:
    groups = at_live.locator("#id_groups_field label")
    expect(groups.nth(0)).to_contain_text("on")
    expect(groups.nth(0).get_by_text("removing")).to_be_hidden()
    at_live.uncheck("#id_groups_0")
    at_live.check("#id_groups_1")
    expect(groups.nth(0).get_by_text("removing")).to_be_visible()
    expect(groups.nth(1).get_by_text("adding")).to_be_visible()


def test_picked_rows_are_counted_survive_the_page_and_are_sent(at_live: Page, site: Site) -> None:
    bar = at_live.locator("#bulk")
    expect(bar).to_be_hidden()
    at_live.check("[value=web-2]")
    at_live.check("[value=web-4]")
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("2 14")  # so many of this kind
    assert at_live.locator("[data-pick-all]").evaluate("box => box.indeterminate")
    site.figure = 15
    expect(at_live.locator("#figure")).to_have_text("15")
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("2 15")
    assert at_live.is_checked("[value=web-2]")
    at_live.click("[data-pick-all]")
    expect(bar).to_contain_text("5 selected")
    at_live.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
    at_live.click("[value=web-2]")
    at_live.click("[value=web-4]", modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    at_live.get_by_role("button", name="Stop").click()
    at_live.wait_for_load_state()
    assert site.sent == [{"ids": ["web-2", "web-3", "web-4"], "what": ["stop"]}]


def test_the_drawer_opens_beside_a_list_that_stays_usable(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/list/")
    page.click("#open-op-failed")
    expect(page.locator("#drawer")).to_contain_text("north did not attach pg-data-02.")
    expect(page.locator("#drawer-title")).to_be_focused()
    assert page.url.endswith("/ui/list/?op=op-failed")
    page.check("[value=web-01]")
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#open-op-failed")).to_be_focused()
    assert page.url.endswith("/ui/list/")
    page.click("#open-op-done")
    expect(page.locator("#drawer")).to_contain_text("In use as /dev/vdc")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#open-op-done")).to_be_focused()


def test_the_drawer_comes_back_with_the_address_and_stays_with_the_list(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/list/?op=op-running")
    expect(page.locator("#drawer")).to_contain_text("Attaching to db-01")
    assert focused(page) == ""
    page.get_by_role("link", name="Name").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name&op=op-running$"))
    expect(page.locator("#drawer")).to_contain_text("Attaching to db-01")
    page.get_by_role("link", name="Open as page").click()
    expect(page.locator("h1")).to_contain_text("Create volume")


def test_the_drawer_follows_a_running_operation_until_it_ends(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/live/?op=op-1")
    expect(page.locator("#drawer .working")).to_have_count(1)
    close = page.get_by_role("button", name="Close")
    close.focus()
    site.done = 1
    expect(page.locator("#drawer .done")).to_have_count(1)
    expect(close).to_be_focused()
    site.running = False
    expect(page.locator("#drawer .working")).to_have_count(0)
    looks = site.looks
    page.wait_for_timeout(1500)
    assert site.looks == looks


def test_a_hidden_page_asks_nothing_about_its_operation(page: Page, origin: str, site: Site) -> None:
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.goto(f"{origin}/live/?op=op-1")
    expect(page.locator("#drawer .working")).to_have_count(1)
    site.patience = 0.4
    looks = site.looks
    while site.looks == looks:
        page.wait_for_timeout(20)
    page.evaluate(hide, True)  # while an answer is on its way
    looks = site.looks
    page.wait_for_timeout(2000)
    assert site.looks == looks
    site.patience = 0
    site.done = 2
    page.evaluate(hide, False)
    expect(page.locator("#drawer .done")).to_have_count(2)


def test_an_operation_that_is_not_there_closes_the_drawer(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/live/?op=op-none")
    expect(page).to_have_url(f"{origin}/live/")
    expect(page.locator("#drawer")).to_be_hidden()


def test_on_a_phone_the_drawer_is_a_sheet_from_the_bottom(page: Page, origin: str, site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{origin}/ui/list/?op=op-running")
    expect(page.locator("#drawer-title")).to_be_visible()
    box = page.locator("#drawer").bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 800)
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_menu_says_why_something_can_not_be_done_now(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/ui/detail/")
    page.focus("#page-menu summary")
    page.keyboard.press("Enter")
    expect(page.locator("#page-menu")).to_contain_text("Only a running or stopped server can be resized.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").startswith("Resize")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{origin}/ui/detail/")
    page.keyboard.press("Escape")
    page.get_by_text("Stop", exact=True).click()
    expect(page.get_by_text("It is being resized: wait until that ends.")).to_be_visible()


def test_a_double_click_sends_once(page: Page, origin: str, site: Site) -> None:
    page.goto(f"{origin}/slow/")
    page.locator("#b").evaluate("button => { button.click(); setTimeout(() => button.click(), 300); }")
    page.wait_for_timeout(800)
    assert len(site.sent) == 1
    page.wait_for_timeout(1000)
    with page.expect_response("**/slow/"):
        page.click("#b")  # meant
    assert len(site.sent) == 2


PAGES = [
    "/ui/",
    "/ui/form/",
    "/ui/list/",
    "/ui/list/?op=op-running",
    "/ui/list/?op=op-failed",
    "/ui/list/?op=op-cancelled",
    "/ui/detail/",
    "/ui/operations/op-running/",
    "/ui/operations/op-failed/",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_accessible_in_both_themes_and_never_scrolls_sideways(
    page: Page, origin: str, site: Site, address: str, axe: Callable[..., list[str]]
) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.goto(f"{origin}{address}")
    if "op=" in address:
        expect(page.locator("#drawer-title")).to_be_visible()
    if "form" in address:
        page.get_by_role("button", name="Create and attach").click()
        expect(page.locator("#id_name_error")).to_be_visible()
    if "list" in address and "op=" not in address:
        page.check("[value=web-01]")
    for menu in page.locator("main details.md-pop").all()[-1:]:
        menu.evaluate("menu => { menu.open = true; }")
    assert axe(page, RULES) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)  # colours change within 120 ms
    assert axe(page, COLOURS) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
