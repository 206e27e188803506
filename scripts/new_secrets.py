"""Create the secret files of docker-compose.yml: python3 scripts/new_secrets.py [FOLDER]

Standard library only. Existing files stay as they are, so it can be run again after an upgrade.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "deploy/secrets"


def token() -> str:
    """Return 256 random bits that need no quoting in a URL or a shell."""
    return secrets.token_urlsafe(32)


def fernet_key() -> str:
    """Return a key in the vault's format: 32 bytes, base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def main() -> int:
    """Create the missing files, name them, and return 0."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    # The folder keeps others out; any user that a container runs as can read the files.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    makers: dict[str, Callable[[], str]] = {
        "secret_key": token,
        "vault_keys": fernet_key,
        "database_password": token,
        "database_url": lambda: f"postgres://meshdeck:{(folder / 'database_password').read_text()}@db/meshdeck",
        "redis_password": token,
        "redis_url": lambda: f"redis://:{(folder / 'redis_password').read_text()}@redis:6379/0",
        "oidc_client_secret": token,
        "keycloak_database_password": token,
        "keycloak_admin_password": token,
    }
    for name, make in makers.items():
        file = folder / name
        if file.exists():
            continue
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as output:
            output.write(make())
        print(f"made {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
