"""`make bench`: prints a table, writes .meshdeck/bench.json. Everything in one run, so that ratios mean something.

python -m bench [--no-clouds]     without the refreshes, which need the clouds and some minutes
"""

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
from bench.places import EMPTY, PAGES, SIZES
from portal.demo import parts
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.site import Site

ROUNDS = 150
SECONDS = 4.0


def layout() -> Layout:
    """A state folder and ports of its own, beside a demo and a test run."""
    port = int(os.environ.get("MESHDECK_BENCH_PORT", "29000"))
    cloud_port = int(os.environ.get("DEVCLOUD_PORT_BASE", "21000"))
    return Layout(REPOSITORY / ".meshdeck/bench", port, port + 1, port + 2, cloud_port)


def within(site: Site, module: str, *arguments: str) -> Any:
    """Run a part of the bench in the portal's environment; its JSON."""
    quiet = {"DJANGO_SETTINGS_MODULE": "portal.settings", "MESHDECK_LOG_LEVEL": "WARNING"}
    environment = {**parts.base_environment(), **site.portal, **quiet}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def devcloud(site: Site, *arguments: str) -> None:
    """`python -m devcloud` with the bench's clouds."""
    environment = parts.base_environment() | {
        "MESHDECK_STATE": str(site.layout.state),
        "DEVCLOUD_PORT_BASE": str(site.layout.cloud_port),
    }
    command = [sys.executable, "-m", "devcloud", *arguments, "--location", "north"]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)


def pages(site: Site, places: dict[str, Any]) -> dict[str, Any]:
    """Latency and throughput of each page at each size, against the empty page."""
    port, cookie = site.layout.portal_port, places["cookie"]
    addresses = [EMPTY, *(page.format(size=size) for page in PAGES.values() for size in SIZES)]
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
    """Of each part's processes together: RSS counts shared pages in each, PSS once. MiB."""
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


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [f"{results['at']}, {results['machine']}", ""]
    lines += ["| page | p50 ms | p95 ms | × empty page | requests/s | queries | KB |", "|---|--:|--:|--:|--:|--:|--:|"]
    for address, page in results["pages"].items():
        lines.append(
            f"| `{address}` | {page['p50']} | {page['p95']} | {page['times_empty']} | {page['per_second']} "
            f"| {page['queries']} | {page['bytes'] / 1000:.1f} |"
        )
    lines += ["", "| servers | API calls | refresh ms | bare script ms | ratio | first refresh ms |"]
    lines += ["|--:|--:|--:|--:|--:|--:|"]
    for size, refresh in results.get("refresh", {}).items():
        lines.append(
            f"| {size} | {refresh['calls']} | {refresh['refresh_ms']} | {refresh['bare_ms']} | {refresh['ratio']} "
            f"| {refresh['first_ms']} |"
        )
    first = results["first_load"]
    lines += ["", f"First load of the tenant page: {first['requests']} requests, {first['bytes'] / 1000:.1f} KB.", ""]
    lines += ["| process | how many | RSS MiB | PSS MiB |", "|---|--:|--:|--:|"]
    for name, part in results["memory"].items():
        lines.append(f"| {name} | {part['processes']} | {part['rss_mib']} | {part['pss_mib']} |")
    return "\n".join(lines)


def main() -> int:
    """0 when everything could be measured."""
    clouds = "--no-clouds" not in sys.argv[1:]
    site = Site(layout(), lambda line: print(f"  {line}", flush=True), {"MESHDECK_BENCH": "1"})
    for database in site.layout.state.glob("*.sqlite3*"):
        database.unlink()
    site.prepare()
    memory_gib = round(psutil.virtual_memory().total / (1 << 30))
    results: dict[str, Any] = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, {memory_gib} GiB, Python {platform.python_version()}",
    }
    try:
        site.run(parts.redis_part(site.layout))
        site.start_web()
        places = within(site, "bench.places")
        results["pages"] = pages(site, places)
        size, files = first_load.measure(site.layout.url, PAGES["tenant page"].format(size=50), places["cookie"])
        results["first_load"] = {**asdict(size), "files": files}
        if clouds:
            devcloud(site, "up")
            yaml = str(site.layout.state / "devcloud/clouds.yaml")
            results["refresh"] = within(site, "bench.refreshing", yaml, site.layout.locations["north"])
        site.start_workers()
        site.wait_ready()
        results["memory"] = memory(site)
    finally:
        site.supervisor.stop()
        if clouds:
            devcloud(site, "down")
    (REPOSITORY / ".meshdeck/bench.json").write_text(json.dumps(results, indent=2))
    print("\n" + table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
