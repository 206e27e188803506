"""Write the lock files of requirements.txt and requirements-dev.txt: python -m scripts.lock [--check]

Versions that are already locked stay, unless the requirements say otherwise. No package index's address is written.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAIRS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}
OPTIONS = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
OPTIONS += ["--no-annotate", "--custom-compile-command", "make lock"]


def compile_lock(source: str, target: Path, *options: str) -> None:
    """Compile a lock file. Raises CalledProcessError if the requirements can't be met."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *options, source, "--output-file", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def stale() -> list[str]:
    """Return the lock files that do not match their requirements."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for source, target in PAIRS.items():
            draft = Path(folder) / target
            draft.write_bytes((ROOT / target).read_bytes())
            compile_lock(source, draft)
            if draft.read_bytes() != (ROOT / target).read_bytes():
                found.append(target)
    return found


def main() -> int:
    """Write the lock files, or with --check report stale ones."""
    if "--check" in sys.argv[1:]:
        for target in (behind := stale()):
            print(f"{target} is out of date with its requirements: make lock")
        return 1 if behind else 0
    for source, target in PAIRS.items():
        compile_lock(source, ROOT / target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
