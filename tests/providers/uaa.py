"""A real UAA from Maven Central, without root and without containers, for `make test-uaa`.

Maven Central's newest UAA that is a whole application is 4.30.0 of 2019, made for Java 8: four libraries that Java has
dropped since are added, and its Groovy is replaced by a later one of the same line. Some 75 MB are downloaded once, and
it takes 500 MB of memory while it runs.
"""

import hashlib
import json
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from devfoundation.settings import JWT_BEARER
from tests.providers.builtin import IdentityProvider, identity_provider
from tests.providers.foundation import LoginServer
from tests.providers.keycloak import MissingPartError, check_java
from tests.providers.processes import free_port, serving

VERSION = "4.30.0"
# By file name: the artifact and its SHA-256.
ARTIFACTS: Mapping[str, tuple[str, str]] = {
    f"cloudfoundry-identity-uaa-{VERSION}.war": (
        f"org.cloudfoundry.identity:cloudfoundry-identity-uaa:{VERSION}:war",
        "0ce1e6384b18fdff1e2d7b42f43d51727d14e76ac493b5558ecff98205b95e9f",
    ),
    "webapp-runner-9.0.89.0.jar": (
        "com.heroku:webapp-runner:9.0.89.0",
        "aa714af1a55b45c9f39eccb48e98ac2efeccf4350bc20426cbf5ecf3d81ae9ea",
    ),
    "groovy-2.5.23.jar": (
        "org.codehaus.groovy:groovy:2.5.23",
        "fe3238310d2334b37ed8e6ed219f8a33429eae6548085e822e4d1aad3a471579",
    ),
    "jaxb-api-2.3.1.jar": (
        "javax.xml.bind:jaxb-api:2.3.1",
        "88b955a0df57880a26a74708bc34f74dcaf8ebf4e78843a28b50eae945732b06",
    ),
    "jaxb-core-2.3.0.1.jar": (
        "com.sun.xml.bind:jaxb-core:2.3.0.1",
        "d2ecba63615f317a11fb55c6468f6a9480f6411c10951d9881bafd9a9a8d0467",
    ),
    "jaxb-impl-2.3.3.jar": (
        "com.sun.xml.bind:jaxb-impl:2.3.3",
        "e5178d0c7948247f75a13c689bf36f4d5d4910a121f712aa3b20ae94377069d8",
    ),
    "javax.activation-1.2.0.jar": (
        "com.sun.activation:javax.activation:1.2.0",
        "993302b16cd7056f21e779cc577d175a810bb4900ef73cd8fbf2b50f928ba9ce",
    ),
}
GROOVY = "groovy-2.5.23.jar"
OLD_GROOVY = "groovy-2.5.2.jar"
# Packages that its libraries access by reflection, which Java has closed since.
OPENED = ("java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.io", "java.math", "java.net")


@dataclass
class RealUaa(LoginServer):
    """A running UAA behind the built-in identity provider."""

    address: str
    provider: IdentityProvider

    @property
    def uaa(self) -> str:
        """The URL of UAA, which is also the login server."""
        return self.address


def fetch(folder: Path) -> Path:
    """Download what `folder` lacks and unpack UAA there; return the unpacked application.

    Raises `MissingPartError` if Maven is missing or Maven Central can't be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, (artifact, digest) in ARTIFACTS.items():
        if not (folder / name).exists():
            _copy(artifact, folder)
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            (folder / name).unlink()
            raise RuntimeError(f"{name} is not the file that was pinned; it was removed")
    home = folder / f"uaa-{VERSION}"
    if not (home / "WEB-INF/lib" / GROOVY).exists():
        shutil.rmtree(home, ignore_errors=True)
        with zipfile.ZipFile(folder / f"cloudfoundry-identity-uaa-{VERSION}.war") as package:
            package.extractall(home)
        (home / "WEB-INF/lib" / OLD_GROOVY).unlink()
        shutil.copy(folder / GROOVY, home / "WEB-INF/lib")
    return home


def _copy(artifact: str, folder: Path) -> None:
    if not shutil.which("mvn"):
        raise MissingPartError("Maven is needed to fetch UAA from Maven Central")
    command = ["mvn", "--batch-mode", "--quiet", "dependency:copy"]
    command += [f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        cause = done.stdout.partition("[ERROR] ")[2].partition("\n")[0] or f"exit code {done.returncode}"
        raise MissingPartError(f"UAA {VERSION} cannot be fetched from Maven Central: {cause}")


def configuration(url: str, issuer: str, secret: str, panel: str) -> dict[str, Any]:
    """Return uaa.yml as in docs/cloud-foundry.md: the provider, the portal's client, the site allowed to ask."""
    key, certificate = _key_pair()
    provider = {
        "type": "oidc1.0",
        "discoveryUrl": f"{issuer}/.well-known/openid-configuration",
        "issuer": issuer,
        "scopes": ["openid", "profile", "email"],
        "linkText": "Log in with meshdeck",
        "showLinkText": True,
        "addShadowUserOnLogin": True,
        "relyingPartyId": "cloudfoundry",
        "relyingPartySecret": secret,
        "attributeMappings": {"user_name": "preferred_username"},
    }
    portal = {"id": "meshdeck", "secret": "", "authorized-grant-types": JWT_BEARER, "authorities": "uaa.none"}
    cf = {"id": "cf", "secret": "", "authorized-grant-types": "password,refresh_token", "authorities": "uaa.none"}
    scope = "cloud_controller.read,cloud_controller.write,openid,uaa.user"
    asked = {"origins": [f"^{panel}$"], "uris": ["^/passcode$"], "headers": ["Accept", "X-Requested-With"]}
    return {
        "issuer": {"uri": url},
        "uaa": {"url": url, "token": {"url": f"{url}/oauth/token"}, "login": {"url": f"{url}/authenticate"}},
        "encryption": {
            "active_key_label": "one",
            "encryption_keys": [{"label": "one", "passphrase": secrets.token_hex(16)}],
        },
        "jwt": {"token": {"policy": {"activeKeyId": "key-1", "keys": {"key-1": {"signingKey": key}}}}},
        "login": {
            "url": url,
            "entityBaseURL": url,
            "entityID": "uaa",
            "serviceProviderKey": key,
            "serviceProviderKeyPassword": "",
            "serviceProviderCertificate": certificate,
            "oauth": {"providers": {"meshdeck": provider}},
        },
        "oauth": {"clients": {"cf": cf | {"scope": scope}, "meshdeck": portal | {"scope": scope}}},
        "cors": {"xhr": {"allowed": asked | {"methods": ["GET", "OPTIONS"], "credentials": True}}},
    }


def _key_pair() -> tuple[str, str]:
    """Generate a key in the only format that this UAA reads (PKCS #1), and a certificate for it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "uaa")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


@contextmanager
def real_uaa(program: Path, state: Path, panel: str) -> Iterator[RealUaa]:
    """Run UAA on a free port behind a provider of its own; both end with the block. Raises `MissingPartError`."""
    check_java()
    home = fetch(program)
    port, secret = free_port(), secrets.token_urlsafe(32)
    url = f"http://localhost:{port}"
    idp = {"CLOUDFOUNDRY_SECRET": secret, "CLOUDFOUNDRY_REDIRECT_URIS": f"{url}/login/callback/meshdeck"}
    with identity_provider(state, **idp) as provider:
        # Its YAML reader is old, but knows JSON.
        (state / "uaa.yml").write_text(json.dumps(configuration(url, provider.issuer, secret, panel)))
        beside = [program / name for name in ARTIFACTS if name.endswith(".jar") and name != GROOVY]
        command = ["java", *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED), "-Xmx512m"]
        command += ["-cp", ":".join(map(str, beside)), "webapp.runner.launch.Main", "--port", str(port), str(home)]
        environment = {"UAA_CONFIG_PATH": str(state)}
        with serving(command, f"{url}/info", state / "uaa.log", environment, seconds=180, folder=state):
            yield RealUaa(url, provider)


def version_of(uaa: RealUaa) -> str:
    """Return the version that UAA reports."""
    said = requests.get(f"{uaa.uaa}/info", headers={"Accept": "application/json"}, timeout=20).json()
    return str(said["app"]["version"])
