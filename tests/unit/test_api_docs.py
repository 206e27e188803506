"""docs/api.md: its examples are run as they stand there, in one shell, against a real server."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from portal.api import document
from portal.identity.models import User
from projects.api.mount import kinds
from projects.models import Operation
from tests import factories
from tests.support.issuer import Issuer
from tests.unit.api_calls import trusted_issuer

GUIDE = (Path(site.BASE_DIR) / "docs/api.md").read_text()


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    with trusted_issuer(settings) as issuer:
        yield issuer


def script() -> str:
    """All examples that need a token, in their order."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    return "set -eu\n" + "".join(block for block in blocks if "$TOKEN" in block)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requires("curl")
def test_the_examples_of_the_guide_do_what_it_says(live_server: LiveServer, issuer: Issuer) -> None:
    factories.cast()
    User.objects.update(issuer=issuer.url)
    token = issuer.token(sub="sub-member", aud="openstack")
    environment = {"PATH": "/usr/bin:/bin", "TOKEN": token, "SITE": live_server.url, "API": f"{live_server.url}/api/v1"}
    done = subprocess.run(["sh", "-c", script()], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    operation = Operation.objects.get()
    assert (operation.state, operation.key) == ("cancelled", "backup-2031-01-01")
    assert done.stdout.count(operation.pk) == 2


def test_the_guide_names_every_kind_and_every_status() -> None:
    assert [kind.key for kind in kinds() if f"`{kind.key}`" not in GUIDE] == []
    assert [status for status in document.PROBLEMS if f"| {status} |" not in GUIDE] == []
