"""A real browser, and the whole portal behind it."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.cloud.conftest import Devcloud
from tests.support import environment, stack
from tests.support.parts import demand
from tests.support.stack import Stack

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()
# WCAG 2.0 to 2.2, A and AA, and axe's best practices.
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Those of them that concern colours.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Launch the system's Chromium, or the one that `playwright install chromium` has installed."""
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        executable = system or playwright.chromium.executable_path
        if not Path(executable).exists():
            demand("chromium")
        # Chromium has no sandbox as root, which containers often are.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        arguments += ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a browser profile without history."""
    fresh = browser.new_context()
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Open a tab in it."""
    return context.new_page()


@pytest.fixture(scope="session")
def clouds() -> Devcloud:
    """Bring both locations to their seeded state. MESHDECK_KEEP=1 takes them as they are."""
    devcloud = Devcloud(environment.STATE, environment.CLOUD_PORT)
    devcloud.run("up")
    if os.environ.get("MESHDECK_KEEP") != "1":
        devcloud.run("reset")
    return devcloud


@pytest.fixture(scope="session")
def stack_(clouds: Devcloud) -> Iterator[Stack]:
    """Run the whole portal, once for the run."""
    with stack.running(clouds) as running:
        yield running


@pytest.fixture(name="stack")
def _stack(stack_: Stack) -> Stack:
    return stack_


@pytest.fixture
def log_in(stack: Stack, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return `page = log_in("member")`: a tab at the portal in its own profile; options as for new_context."""
    opened: list[BrowserContext] = []

    def as_person(username: str, **options: Any) -> Page:
        profile = stack.context(browser, username, **options)
        profile.set_default_timeout(10_000)
        opened.append(profile)
        tab = profile.new_page()
        tab.goto("/")
        return tab

    yield as_person
    for profile in opened:
        profile.close()


def violations(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """Return axe-core's findings on the page, one line each: rule, impact, where. `rules` is axe's `runOnly`."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(result => result.violations)",
        rules,
    )
    return [
        f"{violation['id']} ({violation['impact']}): {', '.join(str(node['target']) for node in violation['nodes'])}"
        for violation in found
    ]


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """Return the check `assert axe(page) == []`, or for some rules only: `axe(page, COLOURS)`."""
    return violations
