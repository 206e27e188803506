"""Request pages and time the responses, on kept-alive connections."""

import gzip
import http.client
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Milliseconds of single requests, one after another; bytes of the body as sent, and of the page in it."""

    p50: float
    p95: float
    bytes: int
    html: int = 0

    @classmethod
    def of(cls, seconds: Sequence[float], size: int, html: int = 0) -> "Timing":
        """Summarize the measurements."""
        ordered = sorted(seconds)
        p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
        return cls(round(1000 * statistics.median(ordered), 2), round(1000 * p95, 2), size, html)


class Browser:
    """One kept-alive connection with a session cookie."""

    def __init__(self, port: int, cookie: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Cookie": f"{cookie['name']}={cookie['value']}", "Accept-Encoding": "gzip"}

    def get(self, address: str) -> tuple[float, int, int]:
        """Return the seconds and the bytes of the body as sent and as read. RuntimeError for anything but 200."""
        begun = time.perf_counter()
        self.connection.request("GET", address, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")
        page = gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body
        return seconds, len(body), len(page)


def anew(address: str, number: int) -> str:
    """Return the address of the same page for one look: nothing of an earlier one can be kept for it."""
    return f"{address}{'&' if '?' in address else '?'}look={number}"


def latencies(
    port: int, cookie: dict[str, str], addresses: Sequence[str], rounds: int
) -> dict[str, tuple[Timing, Timing]]:
    """Measure all pages in turn, so that other load on the machine affects all alike: first looks, and second ones."""
    browser = Browser(port, cookie)
    for address in addresses:
        for _ in range(5):
            browser.get(address)
    seconds: dict[str, tuple[list[float], list[float]]] = {address: ([], []) for address in addresses}
    sizes: dict[str, tuple[int, int]] = {}
    for number in range(rounds):
        for address in addresses:
            first, *_size = browser.get(anew(address, number))
            browser.get(address)  # kept again, where its time was over
            # Its links don't repeat the look's number.
            second, *size = browser.get(address)
            seconds[address][0].append(first)
            seconds[address][1].append(second)
            sizes[address] = size[0], size[1]
    return {
        address: (Timing.of(first, *sizes[address]), Timing.of(second, *sizes[address]))
        for address, (first, second) in seconds.items()
    }


def throughput(port: int, cookie: dict[str, str], address: str, seconds: float, clients: int = 8) -> float:
    """Return the requests per second that this many clients reach together."""
    until = time.perf_counter() + seconds

    def ask() -> int:
        browser, count = Browser(port, cookie), 0
        while time.perf_counter() < until:
            browser.get(address)
            count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        total = sum(pool.map(lambda _: ask(), range(clients)))
    return round(total / seconds, 1)
