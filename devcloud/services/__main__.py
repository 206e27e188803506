"""`python -m devcloud.services NAME LOCATION FOLDER PORT_BASE LOCK_FD`: one service of one location."""

from __future__ import annotations

import importlib
import os
import signal
import sys

from devcloud.layout import Location


def main() -> None:
    name, *arguments, lock = sys.argv[1:]
    # The inherited lock tells the command that this process lives; none of its children may keep it alive.
    os.set_inheritable(int(lock), False)
    # Databases are safe against a killed process, so an orderly shutdown would only take time.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    location = Location.from_arguments(arguments)
    importlib.import_module(f"devcloud.services.{name}").serve(location)


main()
