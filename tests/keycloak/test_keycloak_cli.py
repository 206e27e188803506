"""The password method at a real Keycloak: with and without a second factor."""

import time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from clouds.openstack.session import Federation
from tests.cloud.conftest import Devcloud
from tests.providers.keycloak import PASSWORD_CLIENT, Keycloak, one_time_code
from tests.support import environment, shells
from tests.support.cli_files import Downloads

pytestmark = pytest.mark.django_db

WHERE = "openstack token issue -f value -c project_id"


@pytest.fixture
def downloads(provider: Keycloak, north: Federation, settings: Settings, tmp_path: Path) -> Downloads:
    """Log member in at a portal behind Keycloak, which `north` trusts."""
    settings.CLI_PASSWORD_CLIENT_ID = PASSWORD_CLIENT
    cloud = Devcloud(environment.STATE, environment.CLOUD_PORT)
    return Downloads(cloud, settings, provider.issuer, tmp_path)


def test_a_password_is_enough_without_a_second_factor(downloads: Downloads, tmp_path: Path) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    done = shells.run(
        "bash", f". ./{file.name}\n{WHERE}\nopenstack server list -f value -c Name", tmp_path, said="demo\n"
    )
    assert done.stdout.splitlines()[0] == downloads.project_id, done.stderr
    assert "web-01" in done.stdout


def test_with_a_second_factor_a_password_alone_is_refused_and_the_file_says_so(
    downloads: Downloads, tmp_path: Path
) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    done = shells.run("bash", f". ./{file.name}\nOS_USERNAME=twofold\nmeshrc_check", tmp_path, said="demo\n")
    assert done.returncode == 1
    assert "with a second factor take the way by browser" in done.stderr


def test_with_a_second_factor_the_command_asks_for_its_code(downloads: Downloads, tmp_path: Path) -> None:
    file = downloads.get("password", "sh", "meshrc-atlas-north.sh")
    script = f". ./{file.name}\nOS_USERNAME=twofold\nexport OS_IDP_OTP_KEY=totp\n{WHERE}"
    done = shells.run("bash", script, tmp_path, said=f"demo\n{one_time_code(time.time())}\n")
    assert done.stdout.split()[-1] == downloads.project_id, done.stderr
