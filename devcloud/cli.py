"""The command line: `python -m devcloud up|down|status|reset|env`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from devcloud import credentials, install, layout, processes
from devcloud.cloud import ALL, Cloud, Start
from devcloud.layout import LOCATIONS, SERVICES, Location
from devcloud.trouble import Trouble, from_os_error

NOT_UP = 3


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except Trouble as trouble:
        return complain(str(trouble))
    except OSError as error:
        return complain(str(from_os_error(error)))
    except sqlite3.Error as error:
        return complain(f"a database can't be written: {error}")
    except KeyboardInterrupt:
        complain("interrupted; the next `up` repairs what is half done")
        return 130


def complain(line: str) -> int:
    print(f"devcloud: {line}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m devcloud",
        description="A real OpenStack without root, in two locations.",
        epilog="Set the ports with DEVCLOUD_PORT_BASE (15000) and the folder with MESHDECK_STATE (.meshdeck).",
    )
    commands = top.add_subparsers(required=True, metavar="up|down|status|reset|env")

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        if name != "env":
            sub.add_argument("--location", type=location_names, default=list(LOCATIONS), help="default: north,south")
            sub.add_argument("--json", action="store_true", help="print the status as JSON at the end")
        return sub

    for name, run, summary in (
        ("up", up, "Install, seed and start what is missing, and repair what is broken."),
        ("down", down, "Stop the processes; the data is kept."),
    ):
        sub = command(name, run, summary)
        sub.add_argument("--service", type=service_names, default=ALL, help="only these, e.g. compute,volume")
        if name == "up":
            sub.add_argument("--issuer", help="trusted token issuers, separated by commas (also DEVCLOUD_ISSUER)")
    command("reset", reset, "Restore the state right after the seeding.")
    command("status", status, f"Show what is running; exit code {NOT_UP} if something is not.")
    sub = command("env", env, "Print shell exports for the openstack command.")
    sub.add_argument("location", choices=LOCATIONS)
    sub.add_argument("--user", default="admin", help="admin (of the cloud), member, reader, stranger")
    sub.add_argument("--project", help="default: the user's first")
    return top


def location_names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in LOCATIONS:
            raise argparse.ArgumentTypeError(f"no location {name}; there are {', '.join(LOCATIONS)}")
    return names


def service_names(text: str) -> frozenset[str]:
    """Map service types such as `compute` to project names such as `nova`; both are accepted."""
    by_kind = {service.kind: service.name for service in SERVICES.values()}
    names = frozenset(by_kind.get(word, word) for word in text.split(","))
    if names - ALL:
        raise argparse.ArgumentTypeError(f"no service {', '.join(names - ALL)}; there are {', '.join(by_kind)}")
    return names


def chosen(options: argparse.Namespace) -> list[Cloud]:
    return [cloud(layout.location(name)) for name in options.location]


def cloud(location: Location) -> Cloud:
    return Cloud(location, lambda line: say(f"{location.name} {line}"))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def each(clouds: list[Cloud], work: Callable[[Cloud], None]) -> None:
    """Work on all locations in parallel and raise the first error when all have ended."""
    with ThreadPoolExecutor(len(clouds)) as pool:
        for future in [pool.submit(work, cloud) for cloud in clouds]:
            future.result()


def start(clouds: list[Cloud], plan: Callable[[Cloud], Start]) -> None:
    """Plan for each location, start everything at once, then wait for each location.

    An error in one location does not keep the others from starting.
    """
    troubles: list[Exception] = []
    plans: dict[Cloud, Start] = {}
    with contextlib.ExitStack() as locks:
        # Always in the same order, so that two commands never deadlock.
        for cloud in clouds:
            locks.enter_context(cloud.lock())
            try:
                plans[cloud] = plan(cloud)
            except (Trouble, OSError) as trouble:
                troubles.append(trouble)
        processes.start([process for start in plans.values() for process in start.processes])
        with ThreadPoolExecutor(len(clouds)) as pool:
            for future in [pool.submit(cloud.finish, start) for cloud, start in plans.items()]:
                if error := future.exception():
                    troubles.append(error)
    for trouble in troubles[1:]:
        complain(str(trouble))
    if troubles:
        raise troubles[0]


def up(options: argparse.Namespace) -> int:
    given = options.issuer or os.environ.get("DEVCLOUD_ISSUER")
    issuers = [issuer.strip() for issuer in given.split(",") if issuer.strip()] if given else None
    install.ensure(say)
    start(chosen(options), lambda cloud: cloud.plan_up(issuers, options.service))
    write_clouds_yaml()
    return report(options)


def down(options: argparse.Namespace) -> int:
    each(chosen(options), lambda cloud: cloud.down(options.service))
    return report(options)


def reset(options: argparse.Namespace) -> int:
    install.ensure(say)
    start(chosen(options), Cloud.plan_reset)
    write_clouds_yaml()
    return report(options)


def write_clouds_yaml() -> None:
    seeded = [location for name in LOCATIONS if (location := layout.location(name)).whole_mark.exists()]
    credentials.write_clouds_yaml(layout.state_folder() / "clouds.yaml", seeded)


def facts(options: argparse.Namespace) -> dict:
    return {
        "state": str(layout.state_folder()),
        "clouds_yaml": str(layout.state_folder() / "clouds.yaml"),
        "openstack": str(layout.ENVIRONMENT / "bin/openstack"),
        "locations": {cloud.location.name: cloud.status() for cloud in chosen(options)},
    }


def report(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(facts(options), indent=2))
    return 0


def status(options: argparse.Namespace) -> int:
    found = facts(options)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for name, location in found["locations"].items():
            state = "up" if location["up"] else "not up"
            print(f"{name}: {state}, {location['memory'] >> 20} MiB, {location['auth_url']}")
            for service, facts_of in location["services"].items():
                pid = facts_of["pid"]
                word = "ready" if facts_of["ready"] else "not ready" if pid else "down"
                memory = facts_of["memory"] >> 20
                print(f"  {service:10} {word:9} {memory:4} MiB  pid {pid or '-':<8} {facts_of['url']}")
    return 0 if all(location["up"] for location in found["locations"].values()) else NOT_UP


def env(options: argparse.Namespace) -> int:
    print(credentials.exports(layout.location(options.location), options.user, options.project))
    return 0
