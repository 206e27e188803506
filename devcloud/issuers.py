"""Which identity providers a running Keystone trusts. Standard library only."""

from __future__ import annotations

import json
from typing import Any
from urllib import error, request

from devcloud import cast
from devcloud.layout import Location
from devcloud.trouble import Trouble

DOMAIN = {"id": "default"}
LOGIN = {
    "auth": {
        "identity": {
            "methods": ["password"],
            "password": {"user": {"name": cast.ADMIN, "domain": DOMAIN, "password": cast.PASSWORD}},
        },
        "scope": {"project": {"name": cast.ADMIN, "domain": DOMAIN}},
    }
}
# Loopback needs no proxy, whatever the environment says.
opener = request.build_opener(request.ProxyHandler({}))


def recorded(location: Location) -> list[str] | None:
    try:
        return json.loads(location.issuers_file.read_text())
    except FileNotFoundError:
        return None


def record(location: Location, issuers: list[str]) -> None:
    """Write the file that the bearer check reads at each login: replaced in one step, never half-written."""
    new = location.issuers_file.with_suffix(".new")
    new.write_text(json.dumps(issuers))
    new.replace(location.issuers_file)


def apply(location: Location, issuers: list[str]) -> None:
    """Register them as remote ids of Keystone's identity provider, then as issuers that the bearer check accepts."""
    _, headers = _call(location, "POST", "/auth/tokens", LOGIN)
    provider = f"/OS-FEDERATION/identity_providers/{cast.IDENTITY_PROVIDER}"
    body = {"identity_provider": {"remote_ids": issuers}}
    _call(location, "PATCH", provider, body, headers["X-Subject-Token"])
    record(location, issuers)


def _call(location: Location, method: str, path: str, body: Any, token: str = "") -> tuple[Any, Any]:
    headers = {"Content-Type": "application/json"} | ({"X-Auth-Token": token} if token else {})
    sent = request.Request(location.auth_url + path, json.dumps(body).encode(), headers, method=method)
    try:
        with opener.open(sent, timeout=30) as answer:
            return json.load(answer), answer.headers
    except error.HTTPError as failure:
        raise Trouble(f"{location.name}: Keystone answered {failure.code} to {method} {path}") from failure
    except OSError as failure:
        raise Trouble(f"{location.name}: Keystone does not answer: {failure}") from failure
