"""Write measurements into docs/figures.md, between markers, so that the figures there come from one run."""

import re
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "docs/figures.md"


def write(part: str, text: str, file: Path = FIGURES) -> None:
    """Replace the text between the markers of this part. LookupError without them."""
    begin, end = f"<!-- bench: {part} -->", f"<!-- end: {part} -->"
    whole = file.read_text()
    between = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    new, places = between.subn(lambda found: f"{found[1]}{text}\n{found[2]}", whole)
    if places != 1:
        raise LookupError(f"{file.name} has no place for {part}")
    file.write_text(new)
