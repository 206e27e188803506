"""The password method at a provider with the password grant: the file asks, the real openstack command works."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.cloud.conftest import Devcloud, trusting
from tests.providers.foreign import ForeignProvider
from tests.support import shells
from tests.support.cli_files import Downloads

pytestmark = [pytest.mark.cloud, pytest.mark.django_db, pytest.mark.requires("node", "zsh", "fish")]

WHERE = "openstack token issue -f value -c project_id"
WORKS = f"{WHERE}\nopenstack server list -f value -c Name"


@pytest.fixture(scope="module")
def foreign(devcloud: Devcloud, foreign_provider: ForeignProvider) -> Iterator[ForeignProvider]:
    """Run somebody else's provider, which the clouds trust and which has the password grant."""
    with trusting(devcloud, foreign_provider.issuer):
        yield foreign_provider


@pytest.fixture
def downloads(devcloud: Devcloud, foreign: ForeignProvider, settings: Settings, tmp_path: Path) -> Downloads:
    settings.CLI_PASSWORD_CLIENT_ID = "meshdeck-cli-password"
    return Downloads(devcloud, settings, foreign.issuer, tmp_path)


@pytest.mark.parametrize("shell", shells.SHELLS)
def test_the_file_asks_for_the_password_and_works(shell: str, downloads: Downloads, tmp_path: Path) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    script, cold = f". ./{file.name}\n{WORKS}", shell == "bash"
    done = shells.run(shell, script, tmp_path, {"OS_CLOUD": "other"}, said="demo\n", cold=cold)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == downloads.project_id
    assert "web-01" in done.stdout
    assert "demo" not in file.read_text()


def test_a_wrong_password_is_told_in_plain_words(downloads: Downloads, tmp_path: Path) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    done = shells.run("bash", f". ./{file.name}\nmeshrc_check", tmp_path, said="wrong\n")
    assert done.returncode == 1
    assert "User name and password have to fit together" in done.stderr


def test_after_a_change_the_same_file_refuses_the_old_password_and_takes_the_new_one(
    downloads: Downloads, foreign: ForeignProvider, tmp_path: Path
) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    checked = f". ./{file.name}\nmeshrc_check && {WHERE}"

    def sourced(password: str) -> tuple[int, str, str]:
        done = shells.run("bash", checked, tmp_path, said=f"{password}\n")
        return done.returncode, done.stdout, done.stderr

    code, said, trouble = sourced("demo")
    assert (code, said.splitlines()[-1:]) == (0, [downloads.project_id]), trouble
    foreign.change_password("member", "demo", "another one")
    try:
        code, said, trouble = sourced("demo")
        assert code == 1
        assert downloads.project_id not in said
        assert "User name and password have to fit together" in trouble
        assert "Traceback" not in trouble
        code, said, trouble = sourced("another one")
        assert (code, said.splitlines()[-1:]) == (0, [downloads.project_id]), trouble
    finally:
        foreign.change_password("member", "another one", "demo")


def test_the_variables_and_clouds_yaml_take_the_password_from_the_shell(downloads: Downloads, tmp_path: Path) -> None:
    given = {"OS_PASSWORD": "demo"}
    file = downloads.get("password", "env", "atlas-north.env")
    done = shells.run("dash", f"set -a; . ./{file.name}; set +a\n{WHERE}", tmp_path, given)
    assert done.stdout.strip() == downloads.project_id, done.stderr
    clouds = downloads.get("password", "clouds", "clouds.yaml")
    named = {**given, "OS_CLIENT_CONFIG_FILE": str(clouds), "OS_CLOUD": "atlas-north"}
    done = shells.run("bash", WHERE, tmp_path, named)
    assert done.stdout.strip() == downloads.project_id, done.stderr
