"""Prove the tests' tools that have changed since they were last proven; do nothing if none has.

python -m scripts.prove
"""

import sys

from scripts import proven, test


def main() -> int:
    """Return 0 if all tools are proven."""
    if names := proven.changed():
        print(f"Changed since they were last proven: {', '.join(names)}", flush=True)
        return test.run(["tools"], names)
    print("The tests' tools are as they were when they were last proven.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
