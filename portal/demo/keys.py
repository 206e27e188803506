"""The demo's secrets: generated once, kept in one file that only its owner can read."""

import os
import secrets
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet

_MAKERS: dict[str, Callable[[], str]] = {
    "MESHDECK_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "MESHDECK_VAULT_KEYS": lambda: Fernet.generate_key().decode(),
    "MESHDECK_OIDC_CLIENT_SECRET": lambda: secrets.token_urlsafe(32),
    "MESHDECK_IDP_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "MESHDECK_DEMO_REDIS_PASSWORD": lambda: secrets.token_urlsafe(32),
    "MESHDECK_IDP_CLOUDFOUNDRY_SECRET": lambda: secrets.token_urlsafe(32),
}


def ensure(file: Path) -> dict[str, str]:
    """Return the secrets by the names of their environment variables; missing ones are generated."""
    known = read(file)
    return {name: known.get(name) or make() for name, make in _MAKERS.items()}


def read(file: Path) -> dict[str, str]:
    """Read the variables of a file of NAME=value lines, quoted as for a shell. Empty if there is no file."""
    if not file.exists():
        return {}
    words = shlex.split(file.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def write(file: Path, variables: Mapping[str, str]) -> None:
    """Write `NAME=value` lines that a shell can source: set -a; . FILE; set +a"""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items())]
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write("# The demo's settings and secrets; `make demo` rewrites this file.\n")
        output.writelines(lines)
    draft.replace(file)
