"""The portal's processes and their environment. Used by the demo and by the browser tests' stack."""

import json
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from portal.demo import redis
from portal.demo.layout import Layout
from portal.demo.supervisor import Part

# The worker's processes. More than cores: they wait for clouds, and a slow cloud must not hold up the others.
CONCURRENCY = 4
# The identity provider's name in the foundation's UAA.
ORIGIN = "meshdeck"
# The account that one cloud's operator gives Meshdeck; the other cloud has none (devcloud/cast.py).
ACCOUNT = {"north": "meshdeck-service-users@default"}
ACCOUNT_PASSWORDS = {"north": "demo-account"}
# Without bytecode starts are slow; an active virtual environment does not belong to the children.
_UNWANTED = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE")


def base_environment() -> dict[str, str]:
    """Return what child processes inherit from our environment."""
    mine = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    return mine | {"PYTHONUNBUFFERED": "1"}


def portal_environment(layout: Layout, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of web, worker and beat; see docs/settings.md."""
    wanted = ("MESHDECK_SECRET_KEY", "MESHDECK_VAULT_KEYS", "MESHDECK_OIDC_CLIENT_SECRET")
    return {name: secrets[name] for name in wanted} | {
        "MESHDECK_STATE": str(layout.state),
        "MESHDECK_BASE_URL": layout.url,
        "MESHDECK_OIDC_ISSUER": layout.issuer,
        "MESHDECK_REDIS_URL": f"redis://:{secrets['MESHDECK_DEMO_REDIS_PASSWORD']}@127.0.0.1:{layout.redis_port}/0",
        "MESHDECK_CLI_OFFLINE_TOKENS": "1",
        "MESHDECK_LOG_FORMAT": "console",
        "MESHDECK_BIND": f"127.0.0.1:{layout.portal_port}",
    }


def idp_environment(layout: Layout, secrets: Mapping[str, str], signing_key: Path) -> dict[str, str]:
    """Return the settings of the built-in identity provider."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.idp.settings",
        "MESHDECK_STATE": str(layout.state),
        "MESHDECK_IDP_SECRET_KEY": secrets["MESHDECK_IDP_SECRET_KEY"],
        "MESHDECK_IDP_CLIENT_SECRET": secrets["MESHDECK_OIDC_CLIENT_SECRET"],
        "MESHDECK_IDP_SIGNING_KEY_FILE": str(signing_key),
        "MESHDECK_IDP_ISSUER": layout.issuer,
        "MESHDECK_IDP_REDIRECT_URIS": f"{layout.url}/oidc/callback/",
        "MESHDECK_IDP_CLOUDFOUNDRY_SECRET": secrets["MESHDECK_IDP_CLOUDFOUNDRY_SECRET"],
        "MESHDECK_IDP_CLOUDFOUNDRY_REDIRECT_URIS": f"{layout.uaa}/login/callback/{ORIGIN}",
        "MESHDECK_IDP_KEYSTONE_REDIRECT_URIS": ",".join(layout.keystone_callbacks),
        "MESHDECK_IDP_DEMO": "1",
    }


def redis_part(layout: Layout, password: str) -> Part:
    """Describe the Redis for broker, cache and vault."""
    folder = layout.state / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    command = redis.command(layout.redis_port, folder, password)
    return Part("Redis", command, base_environment(), layout.logs / "redis.log", _listens(layout.redis_port))


def idp_part(layout: Layout, environment: Mapping[str, str]) -> Part:
    """Describe the built-in identity provider: one process, because without Redis its codes are in memory."""
    command = _python("gunicorn", "portal.idp.wsgi", "--bind", f"127.0.0.1:{layout.idp_port}", "--no-control-socket")
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", "4"]
    ready = _answers(f"{layout.issuer}/.well-known/openid-configuration")
    return Part("identity provider", command, {**base_environment(), **environment}, layout.logs / "idp.log", ready)


def foundation_part(layout: Layout, provider: Mapping[str, str]) -> Part:
    """Describe the stand-in for a foundation; `provider` holds the identity provider's settings."""
    port = str(layout.foundation_port)
    command = _python("devfoundation", "--port", port, "--issuer", layout.issuer, "--origin", ORIGIN)
    command += ["--cors-origin", layout.url]
    environment = {"DEVFOUNDATION_CLIENT_SECRET": provider["MESHDECK_IDP_CLOUDFOUNDRY_SECRET"]}
    ready = _answers(f"{layout.uaa}/info")
    log = layout.logs / "foundation.log"
    return Part("Cloud Foundry stand-in", command, {**base_environment(), **environment}, log, ready)


def web_part(layout: Layout, environment: Mapping[str, str]) -> Part:
    """Describe the web server of the portal."""
    command = _python("gunicorn", "--config", "python:portal.serve", "portal.wsgi")
    ready = _answers(f"{layout.url}/healthz")
    return Part("web server", command, {**base_environment(), **environment}, layout.logs / "web.log", ready)


def worker_part(layout: Layout, environment: Mapping[str, str], concurrency: int = CONCURRENCY) -> Part:
    """Describe the worker, which makes all calls to clouds. Only the worker knows the passwords of service accounts."""
    command = _celery("worker", "--concurrency", str(concurrency), "--without-mingle", "--without-gossip")
    accounts = {"MESHDECK_ACCOUNT_PASSWORDS": json.dumps(ACCOUNT_PASSWORDS)}
    return Part("worker", command, {**base_environment(), **accounts, **environment}, layout.logs / "worker.log")


def beat_part(layout: Layout, environment: Mapping[str, str]) -> Part:
    """Describe beat, of which there must be exactly one. `/readyz` is ready only when beat, worker and the rest run."""
    # No pid file: one left by a killed beat would keep the next from starting.
    command = _celery("beat", "--pidfile=")
    ready = _answers(f"{layout.url}/readyz")
    return Part("beat", command, {**base_environment(), **environment}, layout.logs / "beat.log", ready)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _celery(*arguments: str) -> list[str]:
    return _python("celery", "--app", "portal.celery", "--quiet", *arguments, "--loglevel", "INFO")


def _listens(port: int) -> Callable[[], bool]:
    def ready() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ready


def _answers(url: str) -> Callable[[], bool]:
    # Loopback needs no proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ready() -> bool:
        try:
            with opener.open(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False  # not listening yet, or 503: not ready

    return ready
