"""`make reset`: delete the demo's data and return the clouds to their seed."""

import shutil
import subprocess
import sys

from portal.demo.__main__ import only_one
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.supervisor import Trouble


def main() -> int:
    """Reset the demo and return 0."""
    layout = Layout.from_environment()
    layout.run.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(layout):
            for file in layout.state.glob("*.sqlite3*"):
                file.unlink()
            for folder in (layout.logs, layout.state / "redis"):
                shutil.rmtree(folder, ignore_errors=True)
            if not (layout.state / "devcloud").exists():
                return 0
            for command in ("reset", "down"):
                subprocess.run([sys.executable, "-m", "devcloud", command], cwd=REPOSITORY, check=True)
    except Trouble as trouble:
        print(f"make reset: stop the demo first. {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
