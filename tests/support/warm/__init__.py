"""The real `openstack` command without its start-up time of two seconds: see server.py.

For scripts whose subject is not the start. A test of the start itself uses the command in .venv-devcloud/bin.
"""

import atexit
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from tests.support import environment

_PYTHON = environment.ROOT / ".venv-devcloud/bin/python"
# Isolated and without site-packages, it starts in 20 ms.
_CLIENT = """#!{python} -IS
import json, os, socket, sys
asked = json.dumps({{"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}}) + "\\n"
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    socket.send_fds(server, [asked.encode()], [0, 1, 2])
    code = server.recv(16)
sys.exit(int(code or 255))
"""


@cache
def folder() -> Path:
    """Return the folder of `openstack`, to be put on PATH. Its server ends with this process."""
    place = Path(tempfile.mkdtemp(prefix="meshdeck-openstack-"))
    path = place / "socket"
    command = place / "openstack"
    command.write_text(_CLIENT.format(python=_PYTHON, path=str(path)))
    command.chmod(0o755)
    server = subprocess.Popen([_PYTHON, Path(__file__).with_name("server.py"), path], stdin=subprocess.PIPE)
    atexit.register(_end, server, place)
    deadline = time.monotonic() + 120
    while not path.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the openstack command could not be loaded")
        time.sleep(0.05)
    return place


def _end(server: "subprocess.Popen[bytes]", place: Path) -> None:
    server.communicate()
    shutil.rmtree(place, ignore_errors=True)
