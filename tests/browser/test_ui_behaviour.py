"""What the panel's scripts do in a real browser, on a page made of components, under the site's own CSP.

The page shows a figure and a list of names, which the test changes on the server.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from playwright.sync_api import Page, expect

from portal.ui import gallery
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


@dataclass(slots=True)
class Site:
    """The server's next response, and the requests it got."""

    version: str = "1"
    figure: int = 14
    failing: bool = False
    asked: list[str | None] = field(default_factory=list)

    def change(self, figure: int) -> None:
        """Change the figure, as if something had happened in the cloud."""
        self.figure = figure
        self.version = str(int(self.version) + 1)


SITE = Site()
NAMES = [f"web-{n:02}" for n in range(1, 60)] + ["db-01"]
PAGE = Template(
    """{% extends "base.html" %}{% block title %}{{ figure }}{% endblock %}{% block page %}
    {% include "components/head.html" with title="atlas" location="north" stamp=shell.stamp only %}
    <p id="figure">{{ figure }}</p><p id="prose">Words that can be selected.</p>
    <label>Note <input id="note"></label><label><input type="checkbox" id="tick"> Tick</label>{% copy "10.0.4.5" %}
    <section class="md-sheet" aria-label="Names">
    {% include "components/tools.html" with label="Filter names" q=q shown=1 total=2 noun="names" %}
    <ul>{% for name in names %}<li id="row-{{ name }}">{{ name }}</li>{% endfor %}</ul></section>
    {% endblock %}"""
)


def live(request: HttpRequest) -> HttpResponse:
    """Show a page that keeps itself current."""
    SITE.asked.append(request.headers.get("X-Meshdeck-Version"))
    if SITE.failing:
        return HttpResponse(status=503)
    if request.headers.get("X-Meshdeck-Version") == SITE.version:
        return HttpResponse(status=204, headers={"X-Meshdeck-As-Of": "15:00:00"})
    shell = gallery.shell()
    shell.version = SITE.version
    query = request.GET.get("q", "")
    names = [name for name in NAMES if query in name]
    context = {"shell": shell, "figure": SITE.figure, "names": names, "q": query}
    return HttpResponse(PAGE.render(RequestContext(request, context)))


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Answer like a server whose session has ended."""
    return HttpResponse(status=204, headers={"HX-Redirect": "/ui/gate/"})


urlpatterns = [
    path("live/", live),
    path("ui/", include("portal.ui.gallery")),
    path("search/", gallery.search, name="search"),
    path("login/", live, name="login"),
    path("logout/", live, name="logout"),
]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve the site's CSP and static files without database and login; yield the address."""
    with serving(__name__) as address:
        yield address


@pytest.fixture
def site(page: Page, origin: str) -> Iterator[Site]:
    """Open the page; fail if the browser logged any error."""
    SITE.__init__()  # type: ignore[misc] # as new for each test
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{origin}/live/")
    expect(page.locator("#figure")).to_have_text("14")
    yield SITE
    # Expected: the failing server, and requests that were cut off by a reload or by Escape, which is also the browser's
    # "stop loading".
    expected = re.compile("503|net::ERR_")
    assert [text for text in complaints if not expected.search(text)] == []


def test_a_change_arrives_within_two_seconds_and_everything_else_stays(page: Page, site: Site) -> None:
    page.fill("#note", "typed")
    page.check("#tick")
    page.focus("#q")
    page.mouse.wheel(0, 300)
    page.locator("#plate-project").evaluate("menu => menu.open = true")
    page.wait_for_timeout(200)
    scroll = page.evaluate("scrollY")
    page.evaluate("window.before = document.querySelector('#figure')")
    site.change(15)
    expect(page.locator("#figure")).to_have_text("15", timeout=2000)
    assert page.evaluate("window.before === document.querySelector('#figure')")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("scrollY") == scroll
    assert scroll > 0
    assert page.locator("#plate-project").evaluate("menu => menu.open")
    assert page.input_value("#note") == "typed"
    assert page.is_checked("#tick")
    assert page.title().startswith("15")


def test_nothing_new_moves_the_stamp_only(page: Page, site: Site) -> None:
    expect(page.locator("#stamp time")).to_have_text("15:00:00", timeout=3000)
    assert site.asked == [None, *["1"] * (len(site.asked) - 1)]


def test_selected_text_pauses_the_page_until_it_is_let_go(page: Page, site: Site) -> None:
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#prose'))")
    site.change(16)
    expect(page.locator("#stamp")).to_contain_text("updates paused", timeout=3000)
    assert page.text_content("#figure") == "14"
    page.evaluate("getSelection().removeAllRanges()")
    expect(page.locator("#figure")).to_have_text("16", timeout=3000)
    expect(page.locator("[data-live-note]")).to_be_hidden()


def test_a_hidden_page_is_silent_and_asks_at_once_on_return(page: Page, site: Site) -> None:
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    page.wait_for_timeout(200)
    before = len(site.asked)
    page.wait_for_timeout(2500)
    assert len(site.asked) == before
    site.change(17)
    page.evaluate(hide, False)
    expect(page.locator("#figure")).to_have_text("17", timeout=1000)


def test_a_server_that_fails_is_told_in_the_stamp_and_tried_again(page: Page, site: Site) -> None:
    site.failing = True
    expect(page.locator("#stamp")).to_contain_text("not connected", timeout=4000)
    site.failing = False
    site.change(18)
    expect(page.locator("#figure")).to_have_text("18", timeout=6000)
    expect(page.locator("[data-live-note]")).to_be_hidden()


def test_a_session_that_ended_goes_to_the_login_as_a_whole_page(page: Page, site: Site) -> None:
    page.route("**/live/", lambda route: route.fulfill(status=204, headers={"HX-Redirect": "/ui/gate/"}))
    page.wait_for_url("**/ui/gate/", timeout=4000)
    expect(page.locator(".md-shell")).to_have_count(0)


def test_a_list_filters_while_typing_and_keeps_the_address(page: Page, site: Site) -> None:
    page.click("#q")
    page.keyboard.type("db", delay=40)
    expect(page.locator("li[id^=row-]")).to_have_count(1)
    assert page.url.endswith("/live/?q=db")
    assert page.evaluate("document.activeElement.id") == "q"
    page.reload()
    expect(page.locator("li[id^=row-]")).to_have_count(1)
    page.fill("#q", "")
    expect(page.locator("li[id^=row-]")).to_have_count(len(NAMES))
    assert page.url.endswith("/live/")


def test_the_palette_is_worked_by_keys_alone(page: Page, site: Site) -> None:
    page.focus("#note")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    options = page.locator("#palette [role=option]")
    expect(options).to_have_count(3)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("web-a")
    expect(page.locator("#palette")).to_contain_text("web-assets")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    active = page.get_attribute("#palette-q", "aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "note"
    page.keyboard.press("Control+k")
    expect(options.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#$"))
    expect(page.locator("#palette")).to_be_hidden()


def test_a_search_that_finds_nothing_says_so(page: Page, site: Site) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("zebra")
    expect(page.locator("#palette")).to_contain_text("Nothing in your projects matches “zebra”")


def test_a_menu_opens_by_keys_walks_and_gives_the_focus_back(page: Page, site: Site) -> None:
    page.focus("#plate-project summary")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").startswith("atlas")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").startswith("borealis")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert not page.locator("#plate-project").evaluate("menu => menu.open")
    page.click("#plate-project summary")
    page.click("#prose")
    assert not page.locator("#plate-project").evaluate("menu => menu.open")


def test_a_copy_chip_copies_and_says_so(page: Page, site: Site) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-copy='10.0.4.5']")
    expect(page.locator("#announce")).to_have_text("Copied 10.0.4.5")
    assert page.evaluate("navigator.clipboard.readText()") == "10.0.4.5"


def test_the_theme_is_the_systems_until_it_is_chosen_and_then_stays(page: Page, site: Site) -> None:
    root, dark = page.locator("html"), re.compile("pf-v6-theme-dark")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_class(dark)  # the browser reports it with its next frame
    page.click("[data-theme-toggle]")
    expect(root).not_to_have_class(dark)
    page.reload()
    expect(root).not_to_have_class(dark)


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
@pytest.mark.parametrize("address", ["/ui/", "/ui/?places=4", "/ui/gate/", "/ui/errors/404/"])
def test_no_page_scrolls_sideways(page: Page, origin: str, width: int, address: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{origin}{address}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_an_open_menu_stays_inside_the_window(page: Page, origin: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{origin}/ui/?places=4")
    menus = page.locator("details.md-pop")
    for menu in menus.all():
        menu.locator("summary").click()
        panel = menu.locator(".md-pop__panel")
        page.wait_for_timeout(50)  # the panel flips after the browser has drawn it once
        box = panel.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
    assert menus.count() >= 4


def test_on_a_phone_the_menu_opens_from_the_top_bar(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{origin}/ui/")
    expect(page.locator("#nav")).to_be_hidden()
    page.click("[popovertarget=menu]")
    expect(page.locator("#nav")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#nav")).to_be_hidden()


def test_icons_are_drawn_from_the_sprite(page: Page, origin: str) -> None:
    page.goto(f"{origin}/ui/")
    box = page.locator("#nav .i").first.locator("use").evaluate("use => use.getBBox().width")
    assert box > 10


def test_a_name_that_turns_the_writing_turns_no_words_after_it(page: Page, site: Site) -> None:
    page.locator("#prose").evaluate(
        "prose => { prose.innerHTML = '<a href=\"#\">\\u202egnp.exe</a> <i>is running</i>'; }"
    )
    name, after = page.locator("#prose a").bounding_box(), page.locator("#prose i").bounding_box()
    assert name is not None
    assert after is not None
    assert after["x"] >= name["x"] + name["width"]
