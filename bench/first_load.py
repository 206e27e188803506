"""Measure what a browser with an empty cache fetches for one page."""

import os
import shutil
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Playwright, sync_playwright


@dataclass
class Load:
    """Requests, and bytes on the wire: bodies as sent, compressed, with headers."""

    requests: int = 0
    bytes: int = 0


def launch(playwright: Playwright) -> Browser:
    """Launch the system's Chromium, or the one that `playwright install chromium` has installed."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium") or playwright.chromium.executable_path,
        args=["--no-sandbox"] if os.geteuid() == 0 else [],
    )


def measure(base: str, address: str, cookie: dict[str, str]) -> tuple[Load, dict[str, int]]:
    """Return the whole load, and the bytes of each file."""
    load, files, names = Load(), {}, {}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": base}])
        page = context.new_page()
        wire = context.new_cdp_session(page)

        def asked(event: dict[str, Any]) -> None:
            names[event["requestId"]] = event["request"]["url"].removeprefix(base)

        def loaded(event: dict[str, Any]) -> None:
            load.requests += 1
            load.bytes += int(event["encodedDataLength"])
            files[names[event["requestId"]]] = int(event["encodedDataLength"])

        wire.on("Network.requestWillBeSent", asked)
        wire.on("Network.loadingFinished", loaded)
        wire.send("Network.enable")
        page.goto(base + address)
        page.wait_for_load_state("networkidle")
        browser.close()
    return load, files
