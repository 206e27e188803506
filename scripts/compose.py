"""Validate docker-compose.yml with .env.example and made-up secret files."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Return docker-compose's own exit code and pass on its output."""
    command = ["docker-compose", "--env-file", ".env.example", "--file", "docker-compose.yml", "config", "--quiet"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
