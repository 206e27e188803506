"""The file of EC2 keys for rclone, with the real rclone on a real Swift, using the line that the page shows."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from projects.models import Operation
from services.service_users import files
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.test_service_users import CI, take, until_ready
from tests.support import shells
from tests.support.issuer import Issuer
from tests.support.parts import demand

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.django_db,
    # The SDK warns about its own plans whenever it is started.
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]
KEYS: dict[str, Any] = {"name": "backup", "kind": "ec2", "expires_at": CI["expires_at"]}


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer) -> Iterator[Here]:
    demand("rclone")
    with own_project(devcloud) as project:
        yield enter(devcloud, issuer, project)


def test_its_remote_takes_a_file_and_gives_it_back_until_it_is_revoked(here: Here, tmp_path: Path) -> None:
    operation = here.ask("create-service-user", **KEYS)
    until_ready(operation)
    file = files.files_of(take(here, operation))["rclone"]
    assert here.finish(operation).state == Operation.State.DONE
    folder = tmp_path / "Downloads"
    folder.mkdir()
    (folder / file.name).write_text(file.text)
    (tmp_path / "notes.txt").write_text("kept for later\n")
    row = ServiceUser.objects.get()
    kind = files.named("ec2", "rclone")
    assert kind is not None
    shown = kind.use(row)  # rclone --config ~/Downloads/… lsd …:
    with_file, remote = shown.split(" lsd ")

    def rclone(arguments: str) -> subprocess.CompletedProcess[str]:
        return shells.run("bash", f"{with_file} --retries 1 --low-level-retries 1 {arguments}", tmp_path)

    def done(arguments: str) -> str:
        ended = rclone(arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    bucket = f"test-{uuid4().hex}"
    done(f"copyto notes.txt {remote}{bucket}/notes.txt")
    assert done(f"cat {remote}{bucket}/notes.txt") == "kept for later\n"
    assert bucket in shells.run("bash", shown, tmp_path).stdout
    assert [one.name for one in here.project.sdk.object_store.containers()] == [bucket]
    done(f"purge {remote}{bucket}")
    assert done(f"lsd {remote}") == ""
    here.do("revoke-service-user", external_id=row.external_id)
    assert rclone(f"lsd {remote}").returncode != 0
