"""Check that a secret is nowhere but in the file that a person downloaded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import redis
from playwright.sync_api import Page

from tests.browser.conftest import Stack


@contextmanager
def listening(stack: Stack) -> Iterator[list[str]]:
    """Record every command sent to Redis: messages of tasks, the cache, sessions, the envelope."""
    heard: list[str] = []
    client = redis.Redis.from_url(stack.site.portal["MESHDECK_REDIS_URL"])

    def listen() -> None:
        with client.monitor() as monitor:
            for command in monitor.listen():
                heard.append(command["command"])
                if command["command"] == "ECHO enough":
                    return

    thread = Thread(target=listen)
    thread.start()
    while not heard:
        client.ping()
    yield heard
    client.echo("enough")
    thread.join(10)


def is_nowhere(canary: str, stack: Stack, page: Page, heard: Sequence[str], seen: Sequence[str]) -> None:
    """Check what Redis was sent (`heard`) or holds, pages (`seen`), the browser's stores, and all files."""
    assert not [one for one in heard if canary in one]
    assert not [one for one in seen if canary in one]
    assert canary not in page.request.get(f"{stack.url}/metrics").text()
    client = redis.Redis.from_url(stack.site.portal["MESHDECK_REDIS_URL"])
    assert not [key for key in client.scan_iter() if canary.encode() in (client.dump(key) or b"")]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert canary not in stored + str(page.context.cookies())
    # Databases with their journals, logs, the broker's files, metrics, temporary files.
    files = [one for one in stack.site.layout.state.rglob("*") if one.is_file() and not one.is_symlink()]
    assert any(one.suffix == ".sqlite3" for one in files)
    assert any(one.suffix == ".log" for one in files)
    assert not [one for one in files if canary.encode() in one.read_bytes()]
