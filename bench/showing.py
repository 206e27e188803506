"""Measure what a person sees in a real browser: clicks and seconds until a change is shown.

Also how far the page is behind the cloud, which is polled all the time. Clicks count from the tenant's page, the time
from the form's submit event. A change is shown with the next frame after the document has changed.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from playwright.sync_api import Error, Locator, Page, sync_playwright

from bench.first_load import launch
from bench.ground import Ground, say, wait_for
from bench.load import Timing

ROUNDS = 12
# How often the cloud is asked for its state.
LOOKS = 0.015
# Records when a form is sent and when the expected element (an XPath) appears, across page loads.
WATCH = """
if (location.protocol === "http:") {
  const look = () => {
    const wanted = sessionStorage.getItem("wanted");
    if (!wanted || sessionStorage.getItem("shown")) return;
    if (!document.evaluate(wanted, document, null, XPathResult.BOOLEAN_TYPE, null).booleanValue) return;
    sessionStorage.setItem("shown", "soon");
    requestAnimationFrame(() => sessionStorage.setItem("shown", Date.now()));
  };
  addEventListener("submit", () => sessionStorage.setItem("sent", Date.now()), true);
  new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
  addEventListener("DOMContentLoaded", look);
}
"""


@dataclass(frozen=True)
class Sight:
    """One change as a person saw it. `clicks_here` counts the clicks on the page of the resource itself.

    `behind` is negative if the page knew earlier than our polling of the cloud.
    """

    clicks: int
    clicks_here: int
    seconds: float
    behind: float


class Hand:
    """A mouse that counts."""

    def __init__(self, page: Page, ground: Ground) -> None:
        self.page, self.ground, self.clicks, self.clicks_there = page, ground, 0, 0

    def begin(self, wanted: str) -> None:
        """Open the tenant's page with no clicks counted; `wanted` is the XPath of what will be shown."""
        self.page.goto(self.ground.page)
        self.page.evaluate("wanted => { sessionStorage.clear(); sessionStorage.setItem('wanted', wanted) }", wanted)
        self.clicks = 0

    def click(self, place: Locator) -> None:
        """Click once."""
        place.click()
        self.clicks += 1

    def go(self, server: str) -> None:
        """Go to the page of a server through the tenant's page."""
        self.click(self.page.locator(".md-roll").get_by_role("link", name=server, exact=True))
        self.clicks_there = self.clicks

    def choose(self, field: Locator, value: str) -> None:
        """Choose from a list: counts as one click."""
        field.select_option(value)
        self.clicks += 1

    def see(self, cloud: "Watcher") -> Sight:
        """Wait until the change is shown."""
        shown = float(wait_for(lambda: self._noted("shown", "soon")))
        sent = float(self._noted("sent"))
        return Sight(self.clicks, self.clicks - self.clicks_there, (shown - sent) / 1000, shown / 1000 - cloud.at())

    def _noted(self, name: str, *not_yet: str) -> str:
        self.page.wait_for_timeout(20)
        try:
            found = self.page.evaluate("name => sessionStorage.getItem(name) || ''", name)
        except Error:  # between two pages
            return ""
        return "" if found in not_yet else str(found)


class Watcher(threading.Thread):
    """Polls the cloud until it confirms the change, and keeps the time of the first poll that did."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__(daemon=True)
        self.condition = condition
        self.found: float | None = None
        self.start()

    def run(self) -> None:
        """Poll until the cloud confirms, for a minute at most."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            asked = time.time()
            if self.condition():
                self.found = asked
                return
            time.sleep(LOOKS)

    def at(self) -> float:
        """Return when that was; RuntimeError if the cloud never confirmed."""
        self.join()
        if self.found is None:
            raise RuntimeError("The cloud did not finish in time.")
        return self.found


def measure(base: str, ground: Ground) -> dict[str, Any]:
    """Return clicks, seconds, and how far the page is behind the cloud, by the kind of change."""
    with _page(base, ground) as page:
        hand = Hand(page, ground)
        return {
            "attach volume": _summary("attach volume", list(_attach(hand, ground))),
            **_changed(list(_groups(hand, ground))),
        }


def _changed(sights: list[Sight]) -> dict[str, Any]:
    """Split the security group changes: they alternate between adding and removing one."""
    return {
        "add security group": _summary("add security group", sights[::2]),
        "remove security group": _summary("remove security group", sights[1::2]),
    }


def _summary(name: str, sights: list[Sight]) -> dict[str, Any]:
    behind = Timing.of([sight.behind for sight in sights], 0)
    result = {
        "clicks": max(sight.clicks for sight in sights),
        "clicks_here": max(sight.clicks_here for sight in sights),
        "seconds": round(statistics.median(sight.seconds for sight in sights), 2),
        "seconds_p95": round(Timing.of([sight.seconds for sight in sights], 0).p95 / 1000, 2),
        "behind": round(behind.p50 / 1000, 2),
        "behind_p95": round(behind.p95 / 1000, 2),
    }
    say(f"{name}: {result}")
    return result


@contextmanager
def _page(base: str, ground: Ground) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": ground.cookie, "url": base}])
        context.add_init_script(WATCH)
        yield context.new_page()
        browser.close()


def _attach(hand: Hand, ground: Ground) -> Iterator[Sight]:
    """Attach to one of several servers, from its page."""
    storage = ground.sdk.block_storage
    volumes = ground.volumes("attach", ROUNDS)
    ground.learn()
    for n, volume in enumerate(volumes):
        server = ground.servers[n % len(ground.servers)]
        hand.begin(f"//*[@id='v-{volume.id}']//*[contains(@class, 'mono')]")
        hand.go(server.name)
        hand.choose(hand.page.locator("#attach"), volume.id)
        cloud = Watcher(partial(_has_status, storage, volume.id, "in-use"))
        hand.click(hand.page.get_by_role("button", name="Attach", exact=True))
        yield hand.see(cloud)
        ground.rest()


def _groups(hand: Hand, ground: Ground) -> Iterator[Sight]:
    """Add one group on the page of a running server; the next round removes it."""
    (group,) = ground.groups("shown", 1)
    server = ground.servers[0]
    port = ground.port(server)
    ground.learn()
    for n in range(ROUNDS):
        comes = n % 2 == 0
        ticked = "@checked" if comes else "not(@checked)"
        hand.begin(f"//*[@id='groups']//input[@value='{group.id}'][{ticked}]")
        hand.go(server.name)
        cloud = Watcher(partial(_has_group, ground.sdk.network, port.id, group.id, comes))
        hand.click(hand.page.locator(f"#groups button[value='{group.id}']"))
        yield hand.see(cloud)
        ground.rest()


def _has_status(storage: Any, volume_id: str, status: str) -> bool:
    return bool(storage.get_volume(volume_id).status == status)


def _has_group(network: Any, port_id: str, group_id: str, comes: bool) -> bool:
    return (group_id in network.get_port(port_id).security_group_ids) is comes
