"""The way by this machine's browser: the real command opens one, and goes on with the token that comes back.

devcloud's Keystone has no browser login in front of it. In its place a browser of the test's own brings a token of the
real Keystone, as the form that Keystone sends browsers back with would.
"""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_django.fixtures import Settings

from projects.models import Location
from tests.cloud.conftest import Devcloud
from tests.providers.processes import free_port
from tests.support import shells
from tests.support.cli_files import Downloads
from tests.support.issuer import Issuer

pytestmark = [pytest.mark.cloud, pytest.mark.django_db, pytest.mark.requires("curl")]

PROTOCOL = "/OS-FEDERATION/identity_providers/meshdeck/protocols/openid"

# A browser that is logged in already: sent to Keystone, it comes back to this machine with a token at once.
BROWSER = """#!/bin/sh
echo "$1" >> "{folder}/visited"
curl --silent --output {folder}/answer --data-urlencode token@{folder}/token \\
  --header 'Sec-Fetch-Mode: navigate' --header 'Sec-Fetch-Dest: document' --header 'Sec-Fetch-Site: cross-site' \\
  http://localhost:{port}/auth/websso/ >/dev/null 2>&1 &
"""


def test_the_browser_is_asked_once_for_the_whole_shell(
    devcloud: Devcloud, issuer: Issuer, settings: Settings, tmp_path: Path
) -> None:
    downloads = Downloads(devcloud, settings, issuer.url, tmp_path)
    Location.objects.update(trusts_cli_callback=True)
    file = downloads.get("websso", "sh", "meshrc-atlas-north.sh")
    bearer = {"Authorization": f"Bearer {issuer.token()}"}
    login = requests.post(f"{devcloud.auth_url('north')}{PROTOCOL}/auth", headers=bearer, timeout=30)
    (tmp_path / "token").write_text(login.headers["X-Subject-Token"])
    port = free_port()
    browser = tmp_path / "browser"
    browser.write_text(BROWSER.format(folder=tmp_path, port=port))
    browser.chmod(0o755)
    script = "\n".join(
        [
            f". ./{file.name}",
            f"export OS_REDIRECT_PORT={port}",  # the usual one may be taken here
            "meshrc_login",
            "openstack token issue -f value -c project_id",
            "openstack server list -f value -c Name",
        ]
    )
    done = shells.run("bash", script, tmp_path, {"BROWSER": f"{browser} %s"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == downloads.project_id
    assert "web-01" in done.stdout
    visited = (tmp_path / "visited").read_text().splitlines()
    assert len(visited) == 1
    asked = urlsplit(visited[0])
    assert asked.path == f"/v3/auth{PROTOCOL}/websso"
    assert parse_qs(asked.query)["origin"] == [f"http://localhost:{port}/auth/websso/"]
