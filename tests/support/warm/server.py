"""The `openstack` command, loaded once: each call is a fork with the caller's environment, folder and files.

Run by the Python of .venv-devcloud; it ends with its parent, which closes standard input. Standard library only, apart
from the command itself.
"""

import importlib
import importlib.metadata
import json
import os
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress

sys.argv[0] = "openstack"  # its own name, read at its import
from openstack.config import loader  # type: ignore[import-not-found]  # noqa: E402 - of another environment
from openstackclient import shell  # type: ignore[import-not-found]  # noqa: E402

# What test scripts use; the rest is imported on call, as usual.
SERVICES = ("common", "compute.v2", "identity.v3", "image.v2", "network.v2", "object_store.v1", "volume.v3")


def load() -> None:
    """Import what the command imports for its subcommands, and let it find its plugins."""
    for service in SERVICES:
        for subcommand in importlib.metadata.entry_points(group=f"openstack.{service}"):
            with suppress(ImportError):  # a plugin whose own packages are not installed
                subcommand.load()
    shell.OpenStackShell()


def serve(path: str) -> None:
    """Serve until the parent has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(16)
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                call(connection)
            connection.close()


def call(connection: socket.socket) -> None:
    """Run one call in a process of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while not asked.endswith(b"\n"):
        asked += connection.recv(1 << 20)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    wanted = json.loads(asked)
    os.environ.clear()
    os.environ.update(wanted["env"])
    os.chdir(wanted["cwd"])
    # At its import it derives the places of clouds.yaml from the folder and the home.
    importlib.reload(loader)
    sys.argv = ["openstack", *wanted["argv"]]
    code = _exit_code(wanted["argv"])
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    connection.sendall(str(code).encode())
    os._exit(0)


def _exit_code(arguments: list[str]) -> int:
    try:
        return shell.main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    load()
    serve(sys.argv[1])
