"""One stylesheet and one script from their parts, so that a page needs few requests and no bundler.

python scripts/build_static.py           write static/meshdeck/meshdeck.css and meshdeck.js
python scripts/build_static.py --check   fail when they are not what the parts give
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "assets"
BUILT = ROOT / "static" / "meshdeck"
NOTE = "/* Built from assets/{folder}/ by scripts/build_static.py: edit there. */\n"


def build(kind: str) -> str:
    """Concatenate the parts in the order of their names, each below its name, without comments and indentation."""
    parts = sorted((PARTS / kind).glob(f"*.{kind}"))
    return NOTE.format(folder=kind) + "\n".join(f"/* {part.stem} */\n{plain(part.read_text())}" for part in parts)


def plain(text: str) -> str:
    """Strip what a browser does not need. No line in assets/ begins inside a string, so each can be cut separately."""
    text = re.sub(r"^\s*/\*(?:(?!\*/).)*\*/\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Stylesheet and script of the panel")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check = parser.parse_args().check
    stale = 0
    for kind in ("css", "js"):
        target = BUILT / f"meshdeck.{kind}"
        built = build(kind)
        if target.is_file() and target.read_text() == built:
            continue
        if check:
            sys.stderr.write(f"static/meshdeck/{target.name} is stale: run python scripts/build_static.py\n")
            stale = 1
        else:
            target.write_text(built)
    return stale


if __name__ == "__main__":
    sys.exit(main())
