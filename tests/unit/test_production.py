"""The portal as docker-compose.yml runs it, without containers: PostgreSQL, Redis with a password, secrets in files."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
import yaml

from tests.providers.builtin import IdentityProvider
from tests.providers.processes import free_port, serving
from tests.support.environment import ROOT, nested
from tests.support.postgres import postgres

# Web servers wait for the locks of a busy machine.
SLOW = 60
# On PostgreSQL too: claims, differences and the vault live by conditional UPDATEs and row locks.
AGAIN = [
    "tests/unit/test_refresh_run.py",
    "tests/unit/test_refresh_key_pairs.py",
    "tests/unit/test_refresh_claims.py",
    "tests/unit/test_discover_run.py",
    "tests/unit/test_identity_vault.py",
    "tests/unit/test_service_users_itself.py",
    "tests/unit/test_service_users_register.py",
    "services/service_users/actions/test_rotate_service_user.py",
]

pytestmark = pytest.mark.requires("postgresql")


@dataclass(frozen=True)
class Production:
    """Settings as in docker-compose.yml."""

    environment: dict[str, str]
    port: int

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Return a command with these settings and nothing else of ours."""
        return subprocess.run(
            [sys.executable, *command], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def production(
    database: str, identity_provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> Production:
    folder, port = tmp_path_factory.mktemp("production"), free_port()
    secrets = {
        "SECRET_KEY": base64.urlsafe_b64encode(os.urandom(48)).decode(),
        "VAULT_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "DATABASE_URL": database,
        "REDIS_URL": f"redis://127.0.0.1:{os.environ['MESHDECK_TEST_REDIS_PORT']}/15",
        "OIDC_CLIENT_SECRET": identity_provider.client_secret,
    }
    for name, value in secrets.items():
        (folder / name).write_text(f"{value}\n")
    environment = {f"MESHDECK_{name}_FILE": str(folder / name) for name in secrets}
    return Production(
        {
            "PATH": os.environ["PATH"],
            "MESHDECK_STATE": str(folder),
            "MESHDECK_BASE_URL": "https://panel.example.org",
            "MESHDECK_ALLOWED_HOSTS": "panel.example.org,127.0.0.1",
            "MESHDECK_OIDC_ISSUER": identity_provider.issuer,
            "MESHDECK_OPERATOR_ACR": "2",
            "MESHDECK_BIND": f"127.0.0.1:{port}",
            **environment,
        },
        port,
    )


@pytest.fixture(scope="module")
def site(production: Production) -> Iterator[str]:
    """Return a running web server; its address."""
    for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        done = production.run("manage.py", *command)
        assert done.returncode == 0, done.stderr
    url = f"http://127.0.0.1:{production.port}"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.serve", "portal.wsgi"]
    log = Path(production.environment["MESHDECK_STATE"]) / "web.log"
    with serving(command, f"{url}/healthz", log, production.environment, SLOW):
        yield url


def as_the_proxy_asks() -> dict[str, str]:
    return {"Host": "panel.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


def test_djangos_deployment_check_has_nothing_to_say(production: Production) -> None:
    done = production.run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_a_visitor_is_led_to_the_provider_with_a_secure_cookie(site: str, identity_provider: IdentityProvider) -> None:
    browser = requests.Session()
    first = browser.get(f"{site}/", headers=as_the_proxy_asks(), allow_redirects=False, timeout=SLOW)
    assert first.headers["Location"].startswith("/oidc/login/")
    second = requests.get(
        site + first.headers["Location"], headers=as_the_proxy_asks(), allow_redirects=False, timeout=SLOW
    )
    assert second.headers["Location"].startswith(f"{identity_provider.issuer}/")
    assert "redirect_uri=https%3A%2F%2Fpanel.example.org%2Foidc%2Fcallback%2F" in second.headers["Location"]
    cookie = second.headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert cookie.startswith("__Secure-meshdeck-login-")
    assert second.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert {one.name for one in browser.cookies} <= {"__Host-meshdeck", "__Host-meshdeck-csrf"}


def test_cookies_belong_to_the_host_alone(production: Production) -> None:
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_PATH)"
    )
    done = production.run("manage.py", "shell", "--no-imports", "-c", code)
    assert done.stdout.split() == ["__Host-meshdeck", "__Host-meshdeck-csrf", "/"], done.stderr


def test_hsts_covers_subdomains_and_preload_where_the_operator_says(production: Production) -> None:
    more = {"MESHDECK_HSTS_SUBDOMAINS": "1", "MESHDECK_HSTS_PRELOAD": "1"}
    code = "from django.conf import settings as s; print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    strict = replace(production, environment=production.environment | more)
    assert strict.run("manage.py", "shell", "--no-imports", "-c", code).stdout.split() == ["True", "True"]
    assert production.run("manage.py", "shell", "--no-imports", "-c", code).stdout.split() == ["False", "False"]


def test_what_is_not_running_is_named_and_the_rest_is_well(site: str) -> None:
    answer = requests.get(f"{site}/readyz", timeout=SLOW)
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert (parts["database"], parts["redis"], parts["worker"]) == ("well", "well", "not seen yet")


@pytest.mark.parametrize("part", ["web", "database", "redis"])
def test_the_containers_health_checks_see_what_is_well(site: str, production: Production, part: str) -> None:
    assert production.run("-m", "portal.probe", part, site).returncode == 0


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_the_containers_health_checks_see_what_is_missing(site: str, production: Production, part: str) -> None:
    assert production.run("-m", "portal.probe", part, site).returncode == 1


def test_a_metrics_reader_behind_the_proxy_finds_nothing(site: str) -> None:
    assert requests.get(f"{site}/metrics", headers=as_the_proxy_asks(), timeout=SLOW).status_code == 404
    assert "meshdeck_queue_length" in requests.get(f"{site}/metrics", timeout=SLOW).text


def test_a_missing_secret_ends_the_start_with_one_line_that_names_it(production: Production) -> None:
    lacking = {name: value for name, value in production.environment.items() if name != "MESHDECK_VAULT_KEYS_FILE"}
    done = Production(lacking, production.port).run("manage.py", "check")
    assert done.returncode != 0
    assert "MESHDECK_VAULT_KEYS" in done.stderr.splitlines()[-1]


def test_claims_refreshes_and_the_vault_work_on_postgresql_too(database: str) -> None:
    assert all((ROOT / name).exists() for name in AGAIN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *AGAIN],
        env=nested() | {"MESHDECK_TEST_DATABASE_URL": database},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_every_long_lived_service_restarts_limits_its_log_and_has_a_health_check() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        assert service["restart"] == "always", name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name
        assert service["healthcheck"]["test"], name


def test_no_password_is_written_in_the_compose_file() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        for variable, value in (service.get("environment") or {}).items():
            if any(word in variable for word in ("PASSWORD", "SECRET", "KEY", "DATABASE_URL", "REDIS_URL")):
                assert variable.endswith("_FILE") or "KEYCLOAK" in variable, f"{name}: {variable}={value}"
