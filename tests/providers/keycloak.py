"""A real Keycloak from Maven Central, without root and without containers, for `make test-keycloak`.

The realm is the one that docs/identity-providers.md tells operators to import (docs/keycloak-realm.json); only the cast
is added here. About 170 MB are downloaded once, and it takes 600 MB of memory while it runs.
"""

import hashlib
import hmac
import json
import re
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from portal.idp.cast import CAST, PASSWORD
from tests.providers.client import TIMEOUT, Attempt, Browser, Client, follow, form_with, location, submit
from tests.providers.processes import ROOT, free_port, serving

VERSION = "26.7.3"  # the newest at the time of writing; it runs on Java 17, 21 and 25
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
REALM = ROOT / "docs" / "keycloak-realm.json"
OLDEST_JAVA = 17
PASSWORD_CLIENT = "meshdeck-cli-password"
APP_SECRET = "only-for-tests-authenticator"


class MissingPartError(Exception):
    """What this machine lacks to run Keycloak, in one line."""


def check_java() -> None:
    """Raise `MissingPartError` unless a new enough Java is on the PATH."""
    if not shutil.which("java"):
        raise MissingPartError(f"Java {OLDEST_JAVA} or later is needed for Keycloak")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < OLDEST_JAVA:
        raise MissingPartError(f"Java {OLDEST_JAVA} or later is needed for Keycloak, this is {said.splitlines()[0]}")


def fetch(folder: Path) -> Path:
    """Download and unpack Keycloak into `folder` unless it is there; return its home.

    Raises `MissingPartError` if Maven is missing or Maven Central can't be reached.
    """
    home = folder / f"keycloak-{VERSION}"
    if (home / "bin" / "kc.sh").exists():
        return home
    if not shutil.which("mvn"):
        raise MissingPartError("Maven is needed to fetch Keycloak from Maven Central")
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"keycloak-quarkus-dist-{VERSION}.zip"
    if not archive.exists():
        command = ["mvn", "--batch-mode", "--quiet", "dependency:copy"]
        command += [f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode or not archive.exists():
            # Maven names the cause first and then, over many lines, where to read on.
            cause = done.stdout.partition("[ERROR] ")[2].partition("\n")[0] or f"exit code {done.returncode}"
            raise MissingPartError(f"Keycloak {VERSION} cannot be fetched from Maven Central: {cause}")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        archive.unlink()
        raise RuntimeError(f"{archive.name} is not the file that was pinned; it was removed")
    with zipfile.ZipFile(archive) as package:
        package.extractall(folder)
    (home / "bin" / "kc.sh").chmod(0o755)
    archive.unlink()
    return home


def realm() -> dict[str, Any]:
    """Return the documented realm with the cast."""
    told: dict[str, Any] = json.loads(REALM.read_text())
    told["users"] = [
        {
            "username": person.username,
            "enabled": True,
            "email": person.email,
            "emailVerified": True,
            "firstName": person.name.split(" ", 1)[0],
            "lastName": person.name.split(" ", 1)[1],
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            "groups": [f"/{group}" for group in person.groups],
            # People created in the admin console have these, and with them the role that offline tokens need.
            "realmRoles": [f"default-roles-{told['realm']}"],
        }
        for person in CAST
    ]
    told["users"].append(_with_an_app(told["users"][1]))
    # The client for passwords from docs/cli-access.md: without consent, because Keycloak refuses the grant with it.
    told["clients"].append(
        _client(told, "meshdeck-cli")
        | {"clientId": PASSWORD_CLIENT, "directAccessGrantsEnabled": True, "consentRequired": False}
        | {"standardFlowEnabled": False, "redirectUris": [], "attributes": {}}
    )
    return told


def one_time_code(now: float) -> str:
    """Return the code that the authenticator app of `twofold` shows (RFC 6238)."""
    counter = int(now // 30).to_bytes(8, "big")
    digest = hmac.digest(APP_SECRET.encode(), counter, "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def _client(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(client for client in told["clients"] if client["clientId"] == name)
    return found


def _with_an_app(member: dict[str, Any]) -> dict[str, Any]:
    """Return `twofold`: like member, with an authenticator app as second factor."""
    kind = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    app = {"type": "otp", "secretData": json.dumps({"value": APP_SECRET}), "credentialData": json.dumps(kind)}
    names = {"username": "twofold", "email": "twofold@example.org", "firstName": "Tess", "lastName": "Twofold"}
    return {**member, **names, "credentials": [*member["credentials"], app]}


@dataclass
class Keycloak:
    """A running Keycloak with the documented realm and the cast."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def client(self) -> Client:
        """Return the portal's client, confidential."""
        return Client(self.issuer, self.client_id, self.client_secret, self.redirect_uri)

    def command_line(self) -> Client:
        """Return the command line's client, public."""
        return Client(self.issuer, "meshdeck-cli", redirect_uri="http://127.0.0.1:45678/callback")

    def log_in(
        self, session: requests.Session, attempt: Attempt, username: str = "member", password: str = PASSWORD
    ) -> requests.Response:
        """Open the authorization request and fill in the login form; return the redirect to the client, or a page."""
        page = follow(session, session.get(attempt.url, allow_redirects=False, timeout=TIMEOUT))
        if page.is_redirect:
            return page  # logged in already
        return submit(session, form_with(page, "username", "password"), username=username, password=password)

    def tokens(self, username: str = "member", scope: str = "openid profile email groups") -> dict[str, Any]:
        """Return a cast member's tokens for the portal's client."""
        client, session = self.client(), Browser()
        attempt = client.begin(scope)
        _, query = location(self.log_in(session, attempt, username))
        answer = client.exchange(attempt, query["code"])
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens


@contextmanager
def keycloak(folder: Path, base_url: str = "http://127.0.0.1:28000") -> Iterator[Keycloak]:
    """Run Keycloak with an empty database; `folder` keeps the program between runs. Raises `MissingPartError`."""
    check_java()
    home = fetch(folder)
    for leftover in ("h2", "import"):
        shutil.rmtree(home / "data" / leftover, ignore_errors=True)
    (home / "data" / "import").mkdir(parents=True)
    (home / "data" / "import" / "meshdeck-realm.json").write_text(json.dumps(realm()))
    port, secret = free_port(), secrets.token_urlsafe(32)
    environment = {
        "MESHDECK_OIDC_CLIENT_SECRET": secret,
        "MESHDECK_BASE_URL": base_url,
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
    }
    command = [str(home / "bin" / "kc.sh"), "start-dev", "--import-realm"]
    command += ["--http-host=127.0.0.1", f"--http-port={port}", f"--hostname=http://127.0.0.1:{port}"]
    issuer = f"http://127.0.0.1:{port}/realms/meshdeck"
    ready = f"{issuer}/.well-known/openid-configuration"
    with serving(command, ready, folder / "keycloak.log", environment, seconds=180):
        yield Keycloak(issuer, "portal", secret, f"{base_url}/oidc/callback/")
