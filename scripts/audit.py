"""Known holes and withdrawn releases among what requirements.lock pins, by pip-audit."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Advisories that do not concern us, each with the reason.
IGNORED: dict[str, str] = {}


def main() -> int:
    """pip-audit's own exit code and words."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--disable-pip"]
    command += ["--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--strict"]
    for advisory in IGNORED:
        command += ["--ignore-vuln", advisory]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
