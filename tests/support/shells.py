"""Use the files of CLI access: a clean shell, the real `openstack` command, a real cloud."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support import environment, warm

# Each shell with its defaults, without anybody's configuration.
SHELLS = {"bash": ["bash", "--norc"], "dash": ["dash"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}


def clean(home: Path, **more: str) -> dict[str, str]:
    """Return the environment that `env -i` leaves, with the openstack command on PATH as `pip install` puts it."""
    return {
        "PATH": f"{environment.ROOT / '.venv-devcloud/bin'}:{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        **more,
    }


def run(
    shell: str,
    script: str,
    home: Path,
    env: Mapping[str, str] | None = None,
    said: str | None = None,
    *,
    cold: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the script in that shell with an empty environment; `said` is what the person types.

    `cold` starts the openstack command as on a person's machine: once for each login method.
    """
    variables = clean(home, **(env or {}))
    if not cold:
        variables["PATH"] = f"{warm.folder()}:{variables['PATH']}"
    command = ["pwsh", "-NoProfile", "-Command"] if shell == "pwsh" else [*SHELLS[shell], "-c"]
    return subprocess.run(
        [*command, script],
        env=variables,
        cwd=home,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def there(shell: str) -> bool:
    """Return whether this machine has the shell."""
    return shutil.which(shell) is not None
