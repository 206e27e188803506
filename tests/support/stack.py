"""All of Meshdeck for browser tests: what `make demo` runs, with its own state and ports."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from portal.demo.layout import Layout
from portal.demo.site import Site
from portal.idp.cast import PASSWORD
from tests.cloud.conftest import Devcloud
from tests.support import environment


@dataclass(frozen=True)
class Stack:
    """A running portal, its provider and its clouds."""

    site: Site
    devcloud: Devcloud
    # What a browser keeps of each person's login.
    logins: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The portal's URL, without a trailing slash."""
        return self.site.layout.url

    @property
    def issuer(self) -> str:
        """The identity provider's URL."""
        return self.site.layout.issuer

    def manage(self, *arguments: str) -> None:
        """Run a management command of the portal. Raises Trouble."""
        self.site.manage("portal", self.site.portal, *arguments)

    def log_in(self, page: Page, username: str, path: str = "/") -> Page:
        """Log in as a person does, from a page of the portal; end on that page."""
        page.goto(self.url + path)
        if page.url.startswith(self.url) and page.get_by_role("link", name="Log in").count():
            page.get_by_role("link", name="Log in").first.click()
        if page.url.startswith(self.issuer):
            page.get_by_label("User name").fill(username)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url(f"{self.url}/**")
        return page

    def log_out(self, page: Page) -> None:
        """Log out as a person does. The page may use a saved login, which has ended now: saved ones are forgotten."""
        page.locator("#account summary").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(f"{self.url}/logged-out/**")
        self.logins.clear()

    def context(self, browser: Browser, username: str, **options: object) -> BrowserContext:
        """Return a browser context of its own with that person logged in; the caller closes it.

        The first login of a person is by clicks; later contexts start with the browser storage saved right after it.
        """
        if username not in self.logins:
            first = browser.new_context(base_url=self.url)
            self.log_in(first.new_page(), username)
            self.logins[username] = first.storage_state()
            first.close()
        return browser.new_context(base_url=self.url, storage_state=self.logins[username], **options)


# A few people do in minutes what else takes days; pages, which ask by themselves, keep the limit that everybody has.
RATES = {
    "MESHDECK_IDP_LOGIN_RATE": "600/m/ip",
    "MESHDECK_RATE_LOGINS": "600/minute",
    "MESHDECK_RATE_CHANGES": "600/minute",
}


def layout() -> Layout:
    """Return the ports at the test base, beside those of a demo."""
    port = environment.PORT
    return Layout(environment.STATE / "stack", port, port + 1, port + 2, environment.CLOUD_PORT)


@contextmanager
def running(devcloud: Devcloud, settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """Start it with empty databases; it ends with the block. `settings`: extra variables for portal and provider."""
    # People log in more slowly than a test run does.
    site = Site(layout(), settings=RATES | dict(settings or {}))
    for database in site.layout.state.glob("*.sqlite3*"):
        database.unlink()
    site.prepare()
    try:
        site.start_redis()
        site.start_provider()
        site.start_foundation()
        devcloud.run("up", "--issuer", site.layout.issuer)
        site.start_portal()
        site.add_locations()
        site.wait_ready()
        yield Stack(site, devcloud)
    finally:
        site.supervisor.stop()
