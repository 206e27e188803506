"""The product carries a platform that it does not know. Its tests run with settings of their own: one app more."""

import re
import subprocess
import sys

from tests.support import environment


def test_a_platform_of_lamps_needs_no_line_in_the_product() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/toy",
        "-q",
        "-p",
        "no:cacheprovider",
        "--ds",
        "tests.toy.settings",
    ]
    done = subprocess.run(
        command,
        cwd=environment.ROOT,
        env=environment.nested(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    counted = re.search(r"(\d+) passed", done.stdout)
    assert counted
    assert int(counted[1]) >= 11
