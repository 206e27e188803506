"""Files of other projects that the browser gets: where they come from, and proof that they are unchanged.

    python scripts/vendor.py refresh   fetch the packages with npm, build the subsets, write the manifest
    python scripts/vendor.py verify    offline: every vendored file is listed and unchanged, nothing else lies there

A new icon: add its name to ICONS, refresh. A new PatternFly component: add it to COMPONENTS and PREFIXES, refresh.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
MANIFEST = STATIC / "vendor" / "manifest.json"

PACKAGES = {
    "idiomorph": "0.8.0",
    "@patternfly/patternfly": "6.6.1",
    "lucide-static": "1.62.0",
    "@fontsource-variable/geist": "5.3.0",
    "@fontsource-variable/geist-mono": "5.3.0",
}

# target below static/: (package, file in the package, licence)
COPIES = {
    "vendor/idiomorph/idiomorph.min.js": ("idiomorph", "dist/idiomorph.min.js", "0BSD"),
    "vendor/idiomorph/LICENSE.txt": ("idiomorph", "LICENSE", "0BSD"),
    "vendor/lucide/LICENSE.txt": ("lucide-static", "LICENSE", "ISC"),
    "meshdeck/fonts/geist-latin-wght-normal.woff2": (
        "@fontsource-variable/geist",
        "files/geist-latin-wght-normal.woff2",
        "OFL-1.1",
    ),
    "meshdeck/fonts/LICENSE-geist.txt": ("@fontsource-variable/geist", "LICENSE", "OFL-1.1"),
    "meshdeck/fonts/geist-mono-latin-wght-normal.woff2": (
        "@fontsource-variable/geist-mono",
        "files/geist-mono-latin-wght-normal.woff2",
        "OFL-1.1",
    ),
    "meshdeck/fonts/LICENSE-geist-mono.txt": ("@fontsource-variable/geist-mono", "LICENSE", "OFL-1.1"),
}

ICONS = """
    activity archive archive-restore arrow-down arrow-up arrow-up-right ban bot box boxes camera check chevron-down
    chevrons-up-down clock copy corner-down-left database download ellipsis file-text fingerprint folder-open globe
    hard-drive hourglass image key-round layout-dashboard life-buoy lock lock-open log-out map-pin menu moon network
    pause pencil play plug plus refresh-cw rotate-cw route scaling search server shield smartphone square sun
    terminal trash-2 triangle-alert undo-2 unplug users x zap
""".split()  # noqa: SIM905 - a list of 40 names is read better as words
SPRITE = "meshdeck/icons.svg"

# PatternFly: its reset and tokens, and the components in use.
COMPONENTS = (
    "base/patternfly-common.css",
    "base/patternfly-variables.css",
    "components/Button/button.css",
    "components/FormControl/form-control.css",
    "components/Table/table.css",
    "components/ToggleGroup/toggle-group.css",
    "components/SkipToContent/skip-to-content.css",
)
PREFIXES = ("button", "form-control", "table", "toggle-group", "skip-to-content")
MODIFIERS = ("primary", "secondary", "link", "plain", "error", "compact", "selected", "start", "end")
PATTERNFLY = "vendor/patternfly/patternfly.subset.css"
PATTERNFLY_LICENCE = "vendor/patternfly/LICENSE.txt"


def main() -> int:
    parser = argparse.ArgumentParser(description="Vendored files of the front end")
    parser.add_argument("what", choices=("refresh", "verify"))
    if parser.parse_args().what == "refresh":
        refresh()
    problems = verify()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def refresh() -> None:
    """Fetch, build and write the files. Needs npm and network access to its registry."""
    with tempfile.TemporaryDirectory() as folder:
        packages = {name: fetch(name, version, Path(folder)) for name, version in PACKAGES.items()}
        for target, (package, source, _licence) in COPIES.items():
            place(target, (packages[package] / source).read_bytes())
        place(SPRITE, sprite(packages["lucide-static"] / "icons").encode())
        patternfly = packages["@patternfly/patternfly"]
        css = "\n".join((patternfly / part).read_text() for part in COMPONENTS)
        own = "\n".join(part.read_text() for part in sorted((STATIC / "meshdeck" / "css").glob("*.css")))
        place(PATTERNFLY, subset(css, PREFIXES, MODIFIERS, users=own).encode())
        # The package has no licence file; the text is MIT's, with the notice from its repository.
        place(PATTERNFLY_LICENCE, MIT.encode())
    files = {target: (package, licence) for target, (package, _source, licence) in COPIES.items()}
    files[SPRITE] = ("lucide-static", "ISC")
    files[PATTERNFLY] = files[PATTERNFLY_LICENCE] = ("@patternfly/patternfly", "MIT")
    manifest = {
        target: {"source": f"npm:{package}", "version": PACKAGES[package], "licence": licence, "sha256": digest(target)}
        for target, (package, licence) in sorted(files.items())
    }
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def verify() -> list[str]:
    """Return what is wrong with the vendored files, one line each; empty if nothing is."""
    manifest = json.loads(MANIFEST.read_text())
    problems = []
    for target, entry in manifest.items():
        if not (STATIC / target).is_file():
            problems.append(f"static/{target}: listed in the manifest, but missing")
        elif digest(target) != entry["sha256"]:
            problems.append(f"static/{target}: changed (not what {entry['source']} {entry['version']} gives)")
        package = entry["source"].removeprefix("npm:")
        if PACKAGES.get(package) != entry["version"]:
            problems.append(f"static/{target}: manifest has {package} {entry['version']}, scripts/vendor.py another")
    present = [path for folder in ("vendor", "meshdeck/fonts") for path in (STATIC / folder).rglob("*")]
    for path in present:
        target = path.relative_to(STATIC).as_posix()
        if path.is_file() and path != MANIFEST and target not in manifest:
            problems.append(f"static/{target}: not listed in static/vendor/manifest.json")
    return problems


def fetch(name: str, version: str, folder: Path) -> Path:
    """Download and unpack one npm package; return its folder."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to refresh vendored files (Debian: apt install npm)")
    packed = subprocess.run(
        [npm, "pack", "--silent", f"{name}@{version}"], cwd=folder, check=True, capture_output=True, text=True
    )
    target = folder / name.replace("/", "-")
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(folder: Path) -> str:
    """Build one SVG with a symbol per icon; stroke and size come from the stylesheet."""
    symbols = []
    for name in sorted(ICONS):
        source = (folder / f"{name}.svg").read_text()
        match = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
        if match is None:
            sys.exit(f"{name}.svg: no drawing found")
        drawing = re.sub(r"\s*\n\s*", "", match[1])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>')
    return (
        f"<!-- Lucide {PACKAGES['lucide-static']}, ISC, see vendor/lucide/LICENSE.txt -->\n"
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    )


def place(target: str, content: bytes) -> None:
    """Write a file below static/."""
    path = STATIC / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def digest(target: str) -> str:
    """Return the SHA-256 of a file below static/."""
    return hashlib.sha256((STATIC / target).read_bytes()).hexdigest()


# The part of a component library's stylesheet that is in use: rules by class, custom properties by reference.


@dataclass(slots=True)
class Rule:
    """`head { body }`; an at-rule with a block has `inner` rules instead of a body."""

    head: str
    body: str
    inner: "list[Rule] | None" = None


def parse(css: str) -> list[Rule]:
    """Parse a stylesheet into rules. Comments and statements without a block (@import, @charset) are dropped."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules, position = [], 0
    while (start := css.find("{", position)) >= 0:
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        head = " ".join(css[position:start].rpartition(";")[2].split())
        body = css[start + 1 : end - 1]
        nested = head.startswith(("@media", "@supports", "@layer"))
        rules.append(Rule(head, body.strip(), parse(body) if nested else None))
        position = end
    return rules


def subset(css: str, components: tuple[str, ...], modifiers: tuple[str, ...], users: str) -> str:
    """Keep rules that only name `components` and `modifiers`, and the custom properties they or `users` refer to."""
    rules = _kept(parse(css), set(components), set(modifiers))
    while True:
        text = "\n".join(_text(rule) for rule in rules)
        used = set(re.findall(r"var\(\s*(--[\w-]+)", text + users))
        pruned = _pruned(rules, used)
        if "\n".join(_text(rule) for rule in pruned) == text:
            return f"/* PatternFly, the part in use (scripts/vendor.py), MIT: see LICENSE.txt */\n{text}\n"
        rules = pruned


def _wanted(selector: str, components: set[str], modifiers: set[str]) -> bool:
    classes = re.findall(r"\.([a-zA-Z_][\w-]*)", selector)
    for name in classes:
        if name.startswith("pf-v6-c-"):
            if name.removeprefix("pf-v6-c-").partition("__")[0] not in components:
                return False
        elif name.startswith("pf-m-"):
            if name.removeprefix("pf-m-") not in modifiers:
                return False
        elif name != "pf-v6-theme-dark":
            return False
    # Without a class, keep only the reset and the tokens on the root.
    return bool(classes) or not selector.startswith("[")


def _kept(rules: list[Rule], components: set[str], modifiers: set[str]) -> list[Rule]:
    kept = []
    for rule in rules:
        if rule.inner is not None:
            inner = _kept(rule.inner, components, modifiers)
            if inner:
                kept.append(Rule(rule.head, "", inner))
        elif not rule.head.startswith("@"):
            selectors = [s for s in _selectors(rule.head) if _wanted(s, components, modifiers)]
            if selectors:
                kept.append(Rule(",".join(selectors), rule.body))
    return kept


def _selectors(head: str) -> list[str]:
    """Split a selector list at commas outside parentheses."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", head)]


def _pruned(rules: list[Rule], used: set[str]) -> list[Rule]:
    result = []
    for rule in rules:
        if rule.inner is not None:
            inner = _pruned(rule.inner, used)
            if inner:
                result.append(Rule(rule.head, "", inner))
            continue
        lines = [line.strip() for line in re.split(r";(?![^()]*\))", rule.body) if line.strip()]
        lines = [line for line in lines if not line.startswith("--") or line.partition(":")[0].strip() in used]
        if lines:
            result.append(Rule(rule.head, ";".join(lines)))
    return result


def _text(rule: Rule) -> str:
    if rule.inner is not None:
        return f"{rule.head}{{{''.join(_text(inner) for inner in rule.inner)}}}"
    body = re.sub(r":\s+", ":", rule.body)
    return f"{rule.head}{{{body}}}"


MIT = """MIT License

Copyright (c) 2019 Red Hat, Inc.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


if __name__ == "__main__":
    sys.exit(main())
