"""Commands to copy: quoted for a shell, and broken before options instead of wherever the window ends."""

import shlex
from collections.abc import Sequence

WIDTH = 36
INDENT = "  "


def broken(words: Sequence[str], width: int = WIDTH) -> str:
    """Return one command, in lines of about `width` characters that end with a backslash if it is longer.

    The verb is on the first line; options follow with their values.
    """
    parts: list[str] = []
    for word in words:
        lonely = bool(parts) and parts[-1].startswith("-") and not set(" =") & set(parts[-1])
        if lonely and not word.startswith("-"):
            parts[-1] += f" {shlex.quote(word)}"
        else:
            parts.append(shlex.quote(word))
    if len(" ".join(parts)) <= width:
        return " ".join(parts)
    lines = [parts[0]]
    options = False
    for part in parts[1:]:
        begins = part.startswith("-") and not options
        options = options or begins
        if begins or len(f"{lines[-1]} {part} \\") > width:
            lines.append(f"{INDENT}{part}")
        else:
            lines[-1] += f" {part}"
    return " \\\n".join(lines)
