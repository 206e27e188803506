"""What the browser loads: listed, unchanged, fresh, small, and nothing missing."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Everything that a page of the panel asks for, apart from its HTML and headers (8 KB are kept for those).
FIRST_LOAD = [
    "vendor/patternfly/patternfly.subset.css",
    "meshdeck/meshdeck.css",
    "meshdeck/theme.js",
    "vendor/idiomorph/idiomorph.min.js",
    "meshdeck/meshdeck.js",
    "meshdeck/icons.svg",
    "meshdeck/favicon.svg",
    "meshdeck/fonts/geist-latin-wght-normal.woff2",
    "meshdeck/fonts/geist-mono-latin-wght-normal.woff2",
]


def run(*arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_vendored_files_are_listed_and_unchanged() -> None:
    result = run("scripts/vendor.py", "verify")
    assert result.returncode == 0, result.stderr


def test_a_foreign_file_among_the_vendored_ones_is_found() -> None:
    intruder = STATIC / "vendor" / "intruder.js"
    intruder.write_text("1")
    try:
        result = run("scripts/vendor.py", "verify")
    finally:
        intruder.unlink()
    assert result.returncode == 1
    assert "static/vendor/intruder.js: not listed" in result.stderr


def test_stylesheet_and_script_are_what_their_parts_give() -> None:
    result = run("scripts/build_static.py", "--check")
    assert result.returncode == 0, result.stderr


def test_the_first_load_leaves_room_within_95_kb() -> None:
    sizes = {}
    for name in FIRST_LOAD:
        content = (STATIC / name).read_bytes()
        sizes[name] = len(content) if name.endswith(".woff2") else len(brotli.compress(content))
    assert sum(sizes.values()) <= 87_500, sizes


def test_every_file_that_a_stylesheet_names_exists() -> None:
    for sheet in (STATIC / "meshdeck" / "meshdeck.css", STATIC / "vendor" / "patternfly" / "patternfly.subset.css"):
        for address in re.findall(r"url\([\"']?([^)\"']+)", sheet.read_text()):
            assert address.startswith("data:") or (sheet.parent / address).is_file(), f"{sheet.name}: {address}"


def test_every_custom_property_in_use_is_defined() -> None:
    sheets = "".join(
        (STATIC / name).read_text() for name in ("vendor/patternfly/patternfly.subset.css", "meshdeck/meshdeck.css")
    )
    defined = set(re.findall(r"(--[\w-]+)\s*:", sheets))
    own = set(re.findall(r"var\((--md-[\w-]+)", sheets))
    assert own <= defined


def icons_in_templates() -> Iterator[tuple[str, str]]:
    for template in TEMPLATES:
        for name in re.findall(r"{% icon \"([\w-]+)\"", template.read_text()):
            yield template.relative_to(ROOT).as_posix(), name


@pytest.mark.parametrize(("template", "name"), sorted(set(icons_in_templates())))
def test_every_icon_in_use_is_in_the_sprite(template: Any, name: Any) -> None:
    assert f'<symbol id="{name}"' in (STATIC / "meshdeck" / "icons.svg").read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_template_has_inline_style_script_or_colour(template: Any) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son(click|change|input|submit|load)\s*=", text)
    assert not re.search(r"(?:fill|stroke|color)=\"#", text)
