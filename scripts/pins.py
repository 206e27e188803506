"""Check that each direct dependency is pinned, explained and locked with hashes, and that no index is named."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[a-z0-9,_-]+\])?==([0-9][\w.]*)$")


def faults(source: Path, lock: Path) -> list[str]:
    """Return what is wrong, one sentence each."""
    found = []
    locked = lock.read_text().lower()
    explained = False
    for number, line in enumerate(source.read_text().splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            # A group below one comment may span several lines; an empty line ends it.
            explained = bool(text)
        elif not text.startswith("-r "):
            pin = PIN.match(text)
            if pin is None:
                found.append(f"{source.name}:{number}: {text} is not pinned with ==")
            elif f"\n{pin[1].lower().replace('_', '-')}=={pin[3].lower()} " not in locked:
                found.append(f"{source.name}:{number}: {text} is not in {lock.name}: make lock")
            if not explained:
                found.append(f"{source.name}:{number}: {text} has no reason above it")
    if re.search(r"^--(index|extra-index|find-links)|https?://", locked, re.MULTILINE):
        found.append(f"{lock.name} names a package index")
    return found


def main() -> int:
    """Return 1 with one line for each fault."""
    found = [
        fault
        for name in ("requirements", "requirements-dev")
        for fault in faults(ROOT / f"{name}.txt", ROOT / f"{name}.lock")
    ]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
