"""`make demo`: both clouds, a stand-in for a foundation, the identity provider and the portal, until Ctrl-C."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from portal.demo import redis
from portal.demo.clouds import Clouds
from portal.demo.layout import Layout
from portal.demo.site import Site
from portal.demo.supervisor import Trouble
from portal.idp.cast import CAST, PASSWORD


class Stopped(BaseException):
    """Someone asked to stop the demo: Ctrl-C, or a signal."""


def start(site: Site, clouds: Clouds) -> None:
    """Bring everything up. The clouds take longest, so they start first and the rest starts meanwhile."""
    site.prepare()
    clouds.begin()
    site.start_redis()
    site.start_provider()
    site.start_foundation()
    site.start_portal()
    clouds.wait(site.supervisor.check)
    site.add_locations()
    site.wait_ready()


def watch(site: Site) -> NoReturn:
    """Watch until a process ends (Trouble) or someone asks to stop (Stopped)."""
    while True:
        site.supervisor.check()
        time.sleep(0.5)


@contextmanager
def only_one(layout: Layout) -> Iterator[None]:
    """Hold the lock of this state folder. Raises Trouble if another demo holds it."""
    with (layout.run / "demo.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Trouble(f"The demo is already running (process {file.read()}): {layout.url}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def welcome(layout: Layout) -> str:
    """Return the text that says what to do now."""
    people = ", ".join(person.username for person in CAST)
    return f"""
Meshdeck is ready: {layout.url}

  Log in as {people}; the password is {PASSWORD}.
  Identity provider  {layout.issuer}
  Clouds             {", ".join(f"{name} {url}" for name, url in layout.locations.items())}
  Cloud Foundry      north-cf {layout.foundation} (a stand-in: login and passcodes, no apps)
  openstack command  eval "$(python3 -m devcloud env north --user member)"; .venv-devcloud/bin/openstack server list
  Logs               {layout.logs}

Ctrl-C stops everything.
"""


def _stop(_number: int, _frame: Any) -> NoReturn:
    _deafen()
    raise Stopped


def _deafen() -> None:
    """Ignore a second Ctrl-C, which must not interrupt the clean-up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    """Run the demo. Return 0 after Ctrl-C, 1 if something failed or a process died."""
    layout, begun = Layout.from_environment(), time.monotonic()

    def say(line: str) -> None:
        print(f"  {time.monotonic() - begun:5.1f} s  {line}", flush=True)

    site, clouds = Site(layout, say), Clouds(layout, say)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with only_one(layout):
            try:
                start(site, clouds)
                print(welcome(layout), flush=True)
                watch(site)
            finally:
                _deafen()
                print("Stopping …", flush=True)
                site.supervisor.stop()
                clouds.stop()
    except (Trouble, redis.NoRedis) as trouble:
        print(f"make demo: {trouble}", file=sys.stderr)
        return 1
    except Stopped:
        print(f"Everything is stopped. The data is kept in {layout.state}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
