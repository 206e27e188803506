"""Operations in a real browser: the drawer follows them, Undo is one click, and everything is accessible."""

from collections.abc import Callable, Mapping
from typing import Literal

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Operation, Tenant
from tests import factories
from tests.browser.conftest import COLOURS, RULES
from tests.browser.test_pages_looks import dress, tab
from tests.operations_factory import State, attaching, history, operation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Axe = Callable[..., list[str]]

NORTH = "/atlas@north/"
SCHEMES: dict[Literal["light", "dark"], Mapping[str, object]] = {"light": RULES, "dark": COLOURS}


@pytest.fixture
def cast() -> factories.Cast:
    return factories.cast(history=True)


def grow(tenant: Tenant) -> None:
    """Increase the version, as every write of a run does."""
    Tenant.objects.filter(pk=tenant.pk).update(version=F("version") + 1)


def follow(page: Page) -> None:
    expect(page.locator("#drawer-head [role=status]")).to_be_visible()


def test_operations_are_accessible_in_both_themes_and_never_scroll_sideways(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast, axe: Axe
) -> None:
    made = history(cast)
    page = tab(browser, live_server, client, cast.member, color_scheme="light")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    addresses = [NORTH, f"{NORTH}changes/", f"{NORTH}operations/", f"{NORTH}operations/?state=failed&q=logs"]
    for one in made.values():
        addresses += [f"{NORTH}operations/{one.pk}/", f"{NORTH}operations/?op={one.pk}"]
    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address)
        if "?op=" in address:
            follow(page)
        for scheme, rules in SCHEMES.items():
            dress(page, scheme)
            if wrong := axe(page, rules):
                found[f"{address} {scheme}"] = wrong
        size = page.viewport_size
        assert size
        page.set_viewport_size({"width": 320, "height": 640})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            found[f"{address} narrow"] = [f"{width} px wide"]
        page.set_viewport_size(size)
    page.context.close()
    assert found == {}
    assert told == []


def test_the_drawer_follows_an_operation_to_its_end_and_undo_is_one_click(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    wanted = attaching(cast.atlas, "logs-01", "web-02")
    one = operation(cast.atlas, cast.member, "attach-volume", wanted, state=State.RUNNING, minutes=0.1, step=1)
    page = tab(browser, live_server, client, cast.member)
    page.goto(f"{NORTH}volumes/?op={one.pk}")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_text("Running, step 1 of 2")).to_be_visible()
    expect(page.get_by_role("link", name="Operations, 1 running")).to_be_visible()

    now = timezone.now()
    began = one.steps[0]["began"]
    steps = [{"key": key, "began": began, "ended": now.isoformat(), "note": ""} for key in ("attach", "see")]
    Operation.objects.filter(pk=one.pk).update(state=State.DONE, ended_at=now, steps=steps)
    grow(cast.atlas)
    expect(drawer.get_by_text("Attached logs-01 to web-02.")).to_be_visible()
    expect(page.get_by_role("link", name="Operations, 1 running")).to_have_count(0)

    drawer.get_by_role("button", name="Undo").click()
    expect(drawer.get_by_role("heading", name="Detach logs-01 from web-02")).to_be_visible()
    expect(drawer.get_by_text("Queued")).to_be_visible()
    undoing = Operation.objects.get(undo_of=one)
    expect(page).to_have_url(f"{live_server.url}{NORTH}volumes/?op={undoing.pk}")

    drawer.get_by_role("button", name="Cancel operation").click()
    expect(drawer.get_by_text("Cancelled", exact=True)).to_be_visible()
    undoing.refresh_from_db()
    assert undoing.state == State.CANCELLED
    page.context.close()


def test_a_line_of_the_list_opens_beside_it_and_the_palette_leads_to_a_form(
    browser: Browser, live_server: LiveServer, client: Client, cast: factories.Cast
) -> None:
    made = history(cast)
    page = tab(browser, live_server, client, cast.member)
    page.goto(f"{NORTH}operations/")
    page.get_by_role("link", name="Attach logs-archive to worker-07").click()
    expect(page.locator("#drawer").get_by_text("north did not attach the volume.")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}{NORTH}operations/?op={made['failed'].pk}")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("> create a vol")
    expect(page.get_by_role("option", name="Create a volume…")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Create volume")).to_be_visible()
    page.context.close()
