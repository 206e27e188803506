"""Check the packages pinned in requirements.lock for known vulnerabilities, with pip-audit and PyPI's advisories."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Advisories that do not affect us, each with the reason.
IGNORED: dict[str, str] = {}


def main() -> int:
    """Return 1 with a line for each vulnerability, or if the advisories can't be fetched."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--disable-pip"]
    command += ["--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--format", "json"]
    for advisory in IGNORED:
        command += ["--ignore-vuln", advisory]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        print(done.stderr.strip())
        return 1
    packages = json.loads(done.stdout)["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print("ServiceError: no package has an advisory page here")
        return 1
    holes = [(package["name"], package["version"], hole) for package in asked for hole in package["vulns"]]
    for name, version, hole in holes:
        print(f"{name} {version}: {hole['id']}, fixed in {', '.join(hole['fix_versions']) or 'no release yet'}")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
