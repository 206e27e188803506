"""The parsers of the real `openstack` command, without a cloud. Run by the Python of .venv-devcloud.

Reads {"verbs": […], "lines": [[word, …], …]}; writes {"options": what each verb takes, "parsed": what each line sets}.
"""

import argparse
import json
import sys
from typing import Any

from openstackclient import shell  # type: ignore[import-not-found]  # of another environment

SERVICES = ("common", "compute.v2", "identity.v3", "image.v2", "network.v2", "object_store.v1", "volume.v3")


class Endpoints:
    """Says that every service is there, for parsers that ask."""

    def is_network_endpoint_enabled(self) -> bool:
        """Return what Neutron's commands ask."""
        return True


def parser_of(app: Any, words: list[str]) -> tuple[argparse.ArgumentParser, str, list[str]]:
    """Return the parser of the command that these words begin with, its name, and the words after that."""
    made, verb, rest = app.command_manager.find_command(words)
    return made(app, None, cmd_name=verb).get_parser(verb), verb, rest


def takes(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Return how many words each option and each positional takes, as argparse has it."""
    actions = parser._actions
    options = {name: one.nargs for one in actions for name in one.option_strings}
    return {"options": options, "things": [one.nargs for one in actions if not one.option_strings]}


def parsed(app: Any, words: list[str]) -> dict[str, Any]:
    """Return which options were set with which words, and the positionals."""
    set_: dict[str, list[Any]] = {}
    things: list[str] = []

    def record(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        for one in parser._actions:
            one.type, one.choices, one.required, one.default = None, None, not one.option_strings, None
            one.__class__ = type("Recording", (type(one),), {"__call__": noted})
        parser._mutually_exclusive_groups.clear()
        return parser

    def noted(self: argparse.Action, _parser: Any, _space: Any, values: Any, option: str | None = None) -> None:
        if option is None:
            things.extend(values if isinstance(values, list) else [values])
        else:
            set_.setdefault(option, []).append(values if self.nargs != 0 else True)

    _, rest = record(app.build_option_parser("openstack", "0")).parse_known_args(words)
    parser, verb, rest = parser_of(app, rest)
    record(parser).parse_args(rest)
    return {"verb": verb, "options": set_, "things": things}


def main() -> None:
    """Answer one question."""
    asked = json.load(sys.stdin)
    app = shell.OpenStackShell()
    for service in SERVICES:
        app.command_manager.add_command_group(f"openstack.{service}")
    app.client_manager = Endpoints()
    options = {verb: takes(parser_of(app, verb.split())[0]) for verb in asked["verbs"] if verb}
    options[""] = takes(app.parser)
    json.dump({"options": options, "parsed": [parsed(app, words) for words in asked["lines"]]}, sys.stdout)


if __name__ == "__main__":
    main()
