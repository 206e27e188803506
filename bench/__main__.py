"""`make bench`: write its tables into docs/figures.md. Everything in one run, so that ratios are comparable.

python -m bench [--no-clouds] [pages] [refreshes] [changes]     all of it, or some parts (.meshdeck/bench-changes.json)
python -m bench --check                                         pages alone, briefly: fails if one has become slow

Refreshes and changes need a cloud, and some minutes each.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import psutil

from bench import docs, first_load, goals, load
from bench.places import EMPTY, PAGES
from bench.table import PARTS, table
from portal.demo import parts
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.site import Site

# Requests are counted as everywhere, which costs time, but never refused.
_RATES = ("PAGES", "API", "CHANGES", "VISITORS", "LOGINS")
UNLIMITED = {f"MESHDECK_RATE_{name}": "1000000/minute" for name in _RATES}

ROUNDS, ROUNDS_OF_CHECK = 150, 40
SECONDS = 4.0


def layout() -> Layout:
    """Return a state folder and ports separate from those of a demo or a test run."""
    port = int(os.environ.get("MESHDECK_BENCH_PORT", "29000"))
    cloud_port = int(os.environ.get("DEVCLOUD_PORT_BASE", "21000"))
    return Layout(REPOSITORY / ".meshdeck/bench", port, port + 1, port + 2, cloud_port)


def within(site: Site, module: str, *arguments: str) -> Any:
    """Run a part of the bench in the portal's environment and return its JSON."""
    quiet = {"DJANGO_SETTINGS_MODULE": "portal.settings", "MESHDECK_LOG_LEVEL": "WARNING"}
    environment = {**parts.base_environment(), **site.portal, **quiet}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def devcloud(site: Site, *arguments: str) -> None:
    """Run `python -m devcloud` with the bench's clouds."""
    environment = parts.base_environment() | {
        "MESHDECK_STATE": str(site.layout.state),
        "DEVCLOUD_PORT_BASE": str(site.layout.cloud_port),
    }
    command = [sys.executable, "-m", "devcloud", *arguments, "--location", "north"]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)


def pages(site: Site, places: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
    """Measure latency and, except for a check, throughput of each page at each size, against the empty page.

    `p50`, `p95` and `times_empty` are of first looks, `again` of a second look at a page that has not changed.
    """
    port, cookie = site.layout.portal_port, places["cookie"]
    addresses = {"empty page": EMPTY, **places["addresses"]}
    timings = load.latencies(port, cookie, list(addresses.values()), ROUNDS_OF_CHECK if check else ROUNDS)
    empty = timings[EMPTY][0].p50
    return {
        name: {
            **asdict(timings[address][0]),
            "times_empty": round(timings[address][0].p50 / empty, 2),
            "again_p50": timings[address][1].p50,
            "again": round(timings[address][1].p50 / empty, 2),
            "per_second": 0 if check else load.throughput(port, cookie, address, SECONDS),
            "queries": places["queries"][address],
        }
        for name, address in addresses.items()
    }


def memory(site: Site) -> dict[str, dict[str, int]]:
    """Measure the memory of each part's processes together, in MiB: RSS counts shared pages in each, PSS once."""
    found = {}
    for part, process in site.supervisor.running:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        infos = [member.memory_full_info() for member in family]
        found[part.name] = {
            "processes": len(family),
            "rss_mib": sum(info.rss for info in infos) >> 20,
            "pss_mib": sum(info.pss for info in infos) >> 20,
        }
    return found


def options() -> tuple[set[str], bool]:
    """Return the requested parts, and whether only to check. Exits if a part does not exist."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures, as ratios of one run.")
    parser.add_argument("part", nargs="*", help=f"only these of {', '.join(PARTS)}")
    parser.add_argument("--no-clouds", action="store_true", help="only what needs no clouds")
    parser.add_argument("--check", action="store_true", help="briefly, pages alone: fail when one has become dear")
    chosen = parser.parse_args()
    wanted = set(chosen.part or PARTS)
    if unknown := wanted - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return (wanted & {"pages"} if chosen.no_clouds or chosen.check else wanted), chosen.check


def measure(site: Site, wanted: set[str]) -> dict[str, Any]:
    """Measure these parts, starting what each needs of the site."""
    results: dict[str, Any] = {}
    site.start_redis()
    site.start_web()
    if "pages" in wanted:
        places = within(site, "bench.places")
        results["pages"] = pages(site, places)
        size, files = first_load.measure(site.layout.url, PAGES["tenant page"].format(size=50), places["cookie"])
        results["first_load"] = {**asdict(size), "files": files}
    if "refreshes" in wanted:
        # Before there are workers, which would refresh as well.
        yaml = str(site.layout.state / "devcloud/clouds.yaml")
        results["refresh"] = within(site, "bench.refreshing", yaml, site.layout.locations["north"])
    site.start_workers()
    site.wait_ready()
    if "pages" in wanted:
        results["memory"] = memory(site)
    if "changes" in wanted:
        where = str(site.layout.state), str(site.layout.cloud_port), site.layout.url
        results |= within(site, "bench.changes", *where, str(parts.CONCURRENCY))
    return results


def check(site: Site) -> int:
    """Return 0 if no page is slower than allowed, else 1; print the slow ones."""
    site.prepare()
    try:
        site.start_redis()
        site.start_web()
        found = pages(site, within(site, "bench.places"), check=True)
    finally:
        site.supervisor.stop()
    dear = list(goals.above(found))
    for said, measured in goals.table(found):
        print(f"  {said}: {measured}")
    print("\n".join(dear) or "No page has become dear.")
    return 1 if dear else 0


def main() -> int:
    """Return 0 if everything could be measured."""
    wanted, only_check = options()
    site = Site(layout(), lambda line: print(f"  {line}", flush=True), {"MESHDECK_BENCH": "1", **UNLIMITED})
    for database in site.layout.state.glob("*.sqlite3*"):
        database.unlink()
    if only_check:
        return check(site)
    site.prepare()
    memory_gib = round(psutil.virtual_memory().total / (1 << 30))
    begun = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "load": f"{os.getloadavg()[0]:.1f}",
        "machine": f"{os.cpu_count()} cores, {memory_gib} GiB, Python {platform.python_version()}",
    }
    clouds = bool(wanted - {"pages"})
    try:
        if clouds:
            devcloud(site, "up")
        results = begun | measure(site, wanted)
    finally:
        site.supervisor.stop()
        if clouds:
            devcloud(site, "down")
    name = "bench" if wanted == set(PARTS) else "-".join(["bench", *sorted(wanted)])
    (REPOSITORY / f".meshdeck/{name}.json").write_text(json.dumps(results, indent=2))
    for part in sorted(wanted, key=list(PARTS).index):
        docs.write(part, table(results, part))
        print("\n" + table(results, part))
    return 0


if __name__ == "__main__":
    sys.exit(main())
