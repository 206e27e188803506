"""EC2 keys on a real Keystone and Swift: what the files say opens the buckets, and after the end nothing."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from projects.models import Operation
from projects.operations import run
from services.service_users import envelope, files, register
from services.service_users.models import ServiceUser
from tests.cloud.conftest import Devcloud
from tests.cloud.own_tenant import Here, enter, own_project
from tests.cloud.test_service_users import CI, dead, take, until_ready
from tests.support import s3
from tests.support.issuer import Issuer

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
    with own_project(devcloud) as project:
        yield enter(devcloud, issuer, project)


def opened(here: Here, operation: Operation) -> dict[str, str]:
    """What the browser gets, as the file for tools says it."""
    credential = take(here, operation)
    found: dict[str, str] = json.loads(files.files_of(credential)["json"].text)
    return found


def buckets(keys: dict[str, str]) -> list[str]:
    return s3.buckets(keys["endpoint_url"], keys["access_key_id"], keys["secret_access_key"], keys["region"])


def test_a_downloaded_pair_lists_and_makes_buckets_until_it_is_revoked(here: Here) -> None:
    operation = here.ask("create-service-user", **KEYS)
    until_ready(operation)
    keys = opened(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    bucket = f"test-{uuid4().hex}"
    access = (keys["endpoint_url"], keys["access_key_id"], keys["secret_access_key"])
    s3.call(*access, "PUT", bucket, keys["region"])
    assert buckets(keys) == [bucket]
    assert [one.name for one in here.project.sdk.object_store.containers()] == [bucket]  # of this project, no other
    s3.call(*access, "DELETE", bucket, keys["region"])

    before = ServiceUser.objects.get()
    register.refresh(here.tenant, here.visit.user, here.grant)
    row = ServiceUser.objects.get()
    assert (row.changed_at, row.access_key, row.kind) == (before.changed_at, keys["access_key_id"], "ec2")
    here.do("revoke-service-user", external_id=row.external_id)
    with pytest.raises(subprocess.CalledProcessError):
        buckets(keys)
    register.refresh(here.tenant, here.visit.user, here.grant)
    assert not ServiceUser.objects.exists()


def test_a_worker_that_dies_with_the_secret_leaves_one_pair_that_somebody_has(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = here.ask("create-service-user", **KEYS)

    def die(*_args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(envelope, "put", die)
        with pytest.raises(SystemExit):
            run.turn(operation.pk)
    dead(operation)
    until_ready(operation)
    keys = opened(here, operation)
    assert here.finish(operation).state == Operation.State.DONE
    assert buckets(keys) == []
    new = here.ask("rotate-service-user", external_id=ServiceUser.objects.get().external_id, **_rotated())
    until_ready(new)
    other = opened(here, new)
    assert here.finish(new).state == Operation.State.DONE
    assert other["access_key_id"] != keys["access_key_id"]
    assert buckets(other) == []
    with pytest.raises(subprocess.CalledProcessError):
        buckets(keys)
    here.do("revoke-service-user", external_id=ServiceUser.objects.get().external_id)


def _rotated() -> dict[str, Any]:
    return {"expires_at": CI["expires_at"], "overlap_minutes": 0}
