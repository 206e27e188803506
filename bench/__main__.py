"""`make bench`: print a table and write .meshdeck/bench.json. Everything in one run, so that ratios are comparable.

python -m bench [--no-clouds] [pages] [refreshes] [changes]     all of it, or some parts (.meshdeck/bench-changes.json)

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

from bench import first_load, load
from bench.places import EMPTY, PAGES
from bench.table import table
from portal.demo import parts
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.site import Site

PARTS = ("pages", "refreshes", "changes")
ROUNDS = 150
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


def pages(site: Site, places: dict[str, Any]) -> dict[str, Any]:
    """Measure latency and throughput of each page at each size, against the empty page."""
    port, cookie = site.layout.portal_port, places["cookie"]
    addresses = [EMPTY, *places["addresses"].values()]
    timings = load.latencies(port, cookie, addresses, ROUNDS)
    empty = timings[EMPTY].p50
    return {
        address: {
            **asdict(timings[address]),
            "times_empty": round(timings[address].p50 / empty, 2),
            "per_second": load.throughput(port, cookie, address, SECONDS),
            "queries": places["queries"][address],
        }
        for address in addresses
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


def options() -> set[str]:
    """Return the requested parts. Exits if one does not exist."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures, as ratios of one run.")
    parser.add_argument("part", nargs="*", help=f"only these of {', '.join(PARTS)}")
    parser.add_argument("--no-clouds", action="store_true", help="only what needs no clouds")
    chosen = parser.parse_args()
    wanted = set(chosen.part or PARTS)
    if unknown := wanted - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return wanted & {"pages"} if chosen.no_clouds else wanted


def measure(site: Site, wanted: set[str]) -> dict[str, Any]:
    """Measure these parts, starting what each needs of the site."""
    results: dict[str, Any] = {}
    site.run(parts.redis_part(site.layout))
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


def main() -> int:
    """Return 0 if everything could be measured."""
    wanted = options()
    site = Site(layout(), lambda line: print(f"  {line}", flush=True), {"MESHDECK_BENCH": "1"})
    for database in site.layout.state.glob("*.sqlite3*"):
        database.unlink()
    site.prepare()
    memory_gib = round(psutil.virtual_memory().total / (1 << 30))
    begun = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
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
    print("\n" + table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
