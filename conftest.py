"""What every test may use. Real services: each is started once per run, by the first test that asks for it."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from django.conf import settings
from django.db import connections

from tests.support import environment
from tests.support.parts import demand
from tests.support.redis import start_redis

pytest_plugins = ["tests.fixtures", "tests.providers.fixtures"]
# What asserts for tests, told as well as what they assert themselves.
pytest.register_assert_rewrite(
    "tests.browser.forms_site", "tests.providers.whole_login", "tests.unit.identity_cast", "tests.unit.volumes_cast"
)

_started: list[tuple[subprocess.Popen[bytes], Path]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Return the run's own Redis, which its worker processes share."""
    config.addinivalue_line("markers", "requires(*parts): parts of the machine, see tests/support/parts.py")
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not config.option.collectonly:
        port = int(environment.redis_url().rsplit(":", 1)[1].split("/")[0])
        folder = environment.STATE / f"redis-{port}"
        _started.append((start_redis(port, folder), folder))


def pytest_unconfigure() -> None:
    """End what this process started, and take its folder away."""
    for process, folder in _started:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            shutil.rmtree(folder)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one line what a test lacks."""
    for mark in item.iter_markers("requires"):
        demand(*mark.args)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Return a file instead of SQLite's memory: threads and processes then meet the locks that they meet in earnest."""
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "portal.sqlite3")


@pytest.fixture
def redis() -> Iterator["redis_client.Redis"]:
    """Return a client of this process's own database in the run's Redis."""
    with redis_client.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state folder for servers that one test starts."""
    return tmp_path
